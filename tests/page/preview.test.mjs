// SPDX-License-Identifier: GPL-2.0-or-later
// Before a build: what it would write, and going back to a snapshot first. And
// what an admin makes: a new server.
import assert from 'node:assert/strict';
import { at } from './mock_world.mjs';
import { row, tells, text_of, until } from './page.mjs';

const posts = (mock) => mock.seen.filter((r) => r.method === 'POST')
  .map((r) => [r.path, r.body]);

tells('preview: shows what would change, and a build is still to be asked for',
  async (page, mock) => {
    await page.click(`${row('qa2')} [data-act=build]`);
    await page.locator('dialog [data-do=preview]').focus();
    await page.keyboard.press('Enter');
    await page.locator('.file').nth(3).waitFor();
    assert.match(await text_of(page, '#build-preview'), new RegExp('4 files, ' +
      '3 would change.*/etc/shop/settings\\.py changes\\s+root:www-data 0640 ' +
      'on the guest.*site\\.wsgi new.*Not shown: longer than 256 KiB' +
      '.*shop\\.conf unchanged', 's'));
    assert.deepEqual(await page.locator('.diff').first().locator('span')
      .evaluateAll((all) => all.map((e) => [e.className, e.textContent])), [
      ['hunk', '@@ -1,4 +1,3 @@'], ['same', " SECRET_KEY = '*****'"],
      ['del', '---DEBUG'], ['del', "-BERTH_REVISION = '4190'"],
      ['add', "+BERTH_REVISION = '4188'"]]);
    await page.locator('dialog summary').first().focus();
    await page.keyboard.press('Enter');
    await page.getByText('--DEBUG\nBERTH_REVISION').waitFor();
    const stale = page.getByText('The form has changed since');
    await page.fill('[name=revision]', '4188');
    await stale.waitFor();
    await page.fill('[name=revision]', '');
    await until('it is of this form again', async () =>
      await stale.count() === 0);
    const asked = { application: 'billing', path: 'trunk',
      database: 'newest', checkout: true };
    assert.deepEqual(posts(mock), [['servers/qa2/previews', asked]]);
    // Its job has an address of its own, to be sent to a colleague.
    const link = await page.locator('.previewed h2 a').getAttribute('href');
    await page.keyboard.press('Escape');
    await page.goto(new URL(link, page.url()).href);
    await page.locator('.job-preview .file').nth(3).waitFor();
    assert.equal(await page.locator('.step.done').count(), 3);
    assert.equal(await page.locator(`${row('qa2')} .tag.run`).count(), 0);
  }, { busy: false });

tells('preview: one that fails says why, and a refusal is shown in place',
  async (page, mock) => {
    await page.click(`${row('qa2')} [data-act=build]`);
    await page.click('dialog [data-do=preview]');
    await page.locator('dialog .problem', { hasText: 'The preview failed ' +
      'in preflight.' }).waitFor();
    await page.fill('[name=path]', 'tr\u00fcnk');
    await page.click('dialog [data-do=preview]');
    await page.locator('#build-said .problem', { hasText: 'path: has ' +
      'control characters' }).waitFor();
    assert.equal(posts(mock).length, 2);
  }, { busy: false, expected: /status of 400/,
    prepare: (w) => { w.fails = 'preflight'; } });

tells('build: goes back to a snapshot first, when that is chosen',
  async (page, mock) => {
    await page.click(`${row('qa2')} [data-act=build]`);
    const field = page.locator('dialog [name=revert]');
    await field.waitFor();
    assert.deepEqual(await field.locator('option').allInnerTexts(),
      ['none: build without a revert', 'revert to before-vat first',
        // An option holds no <bdi>: characters isolate its note's direction.
        'revert to clean first (\u2068as delivered\u2069)']);
    await field.selectOption('clean');
    assert.match(await text_of(page, '#build-effect'),
      /First the machine is reverted to snapshot clean/);
    await page.click('dialog [type=submit]');
    await page.waitForURL(/#\/jobs\//);
    assert.equal(posts(mock)[0][1].revert, 'clean');
    await page.locator('[data-key=step-revert].done').waitFor();
    await page.getByText('after reverting to snapshot clean').waitFor();
    // One that is off can be built on so, and starts from the snapshot.
    await page.goto(new URL('#/servers/qa7', page.url()).href);
    await page.click('[data-build=clean]');
    await page.locator('#build-effect', { hasText: 'reverted to snapshot clean' })
      .waitFor();
    assert.equal(await field.inputValue(), 'clean');
  }, { busy: false, prepare: (w) => {
    w.servers.find((s) => s.name === 'qa7').hold = { user: 'alice',
      since: at(0), until: at(3600e3), note: '', job: null };
  } });

tells('new server: for admins; what is wrong stands at its field',
  async (page, mock) => {
    await page.waitForSelector(row('qa1'));
    assert.equal(await page.locator('[data-do=provision]').count(), 0);
    mock.world.me.admin = true;
    await page.reload();
    await page.locator('[data-do=provision]').focus();
    await page.keyboard.press('Enter');
    assert.deepEqual(await page.locator('dialog [name=host] option')
      .allInnerTexts(), ['kvm1', 'kvm2 (does not answer)'],
    'a host without images is not offered');
    await page.keyboard.type('QA 16');
    await page.keyboard.press('Enter');
    await page.locator('#provision-server-said', { hasText:
      "'server' must be a lower-case letter" }).waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.name),
      'server');
    assert.equal(await page.getAttribute('dialog [name=server]',
      'aria-invalid'), 'true');
    await page.fill('dialog [name=server]', 'qa1');
    assert.equal(await text_of(page, '#provision-server-said'), '');
    await page.keyboard.press('Enter');
    await page.locator('dialog .problem', { hasText:
      'qa1 is already a server of host kvm1' }).waitFor();
    await page.selectOption('dialog [name=host]', 'kvm2');
    assert.deepEqual(await page.locator('dialog [name=image] option')
      .allInnerTexts(), ['debian12']);
    await page.selectOption('dialog [name=host]', 'kvm1');
    await page.selectOption('dialog [name=image]', 'debian11');
    await page.fill('dialog [name=server]', 'qa16');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#\/jobs\/1482$/);
    assert.deepEqual(posts(mock).pop(), ['servers', { server: 'qa16',
      host: 'kvm1', image: 'debian11' }]);
    await page.getByText('from image debian11 on kvm1').waitFor();
    await page.locator('h1 .tag', { hasText: 'succeeded' }).waitFor();
    await page.click('.job-head a:text("qa16")');
    await page.locator('.line', { hasText: 'Created by you' }).waitFor();
    // To take it away again is root's.
    assert.equal(await text_of(page, '.retire .command'),
      'berthctl retire qa16');
  }, { busy: false, expected: /status of 4\d\d/ });
