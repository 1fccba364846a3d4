// SPDX-License-Identifier: GPL-2.0-or-later
// Reserve and build dialogs: keyboard, labels, what is sent, what refusals say.
import assert from 'node:assert/strict';
import { at } from './mock_world.mjs';
import { row, tells, text_of, until } from './page.mjs';

tells('dialog: Escape closes, and the focus goes back to the button',
  async (page) => {
    await page.focus(`${row('qa3')} [data-act=reserve]`);
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    assert.equal(await page.evaluate(() =>
      document.activeElement.closest('dialog') !== null), true);
    await page.keyboard.press('Escape');
    await until('closed', async () =>
      await page.locator('dialog').count() === 0);
    assert.equal(await page.evaluate(() =>
      document.activeElement.dataset.act), 'reserve');
  });

tells('dialog: every field has a label', async (page) => {
  await page.click(`${row('qa2')} [data-act=build]`);
  await page.waitForSelector('dialog[open] [name=database]');
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll(
      'dialog input, dialog select, dialog textarea')]
      .filter((e) => !e.labels.length).map((e) => e.name));
  assert.deepEqual(nameless, []);
});

tells('dialog: reserve takes the server for the hours chosen, with the note',
  async (page, mock) => {
    await page.click(`${row('qa3')} [data-act=reserve]`);
    await page.locator('dialog label', { hasText: '4 h' }).click();
    assert.match(await text_of(page, '.outcome'), /^Yours until /);
    await page.fill('[name=note]', 'a closer look');
    await page.click('dialog [type=submit]');
    await page.locator(`${row('qa3')} [data-act=build]`).waitFor();
    const put = mock.seen.find((r) => r.method === 'PUT');
    assert.deepEqual(put.body, { hours: 4, note: 'a closer look' });
    assert.match(put.key, /^[0-9a-f]{32}$/);
    assert.match(await text_of(page, row('qa3')),
      /you\s+(4 h|3 h 59 min) left/);
  });

tells('dialog: a note keeps its lines, on the way and in the drawer',
  async (page, mock) => {
    await page.click(`${row('qa3')} [data-act=reserve]`);
    await page.fill('[name=note]', 'first; then\n\nlast');
    await page.click('dialog [type=submit]');
    await page.locator(`${row('qa3')} [data-act=build]`).waitFor();
    const put = mock.seen.find((r) => r.method === 'PUT');
    assert.equal(put.body.note, 'first; then\n\nlast');
    await page.goto(`${page.url().split('#')[0]}#/servers/qa3`);
    const note = page.locator('#drawer .words').first();
    await note.waitFor();
    assert.match(await note.innerText(), /first; then\n\nlast/);
  });

tells('dialog: a note is counted in characters, as the console does',
  async (page, mock) => {
    await page.click(`${row('qa3')} [data-act=reserve]`);
    await page.fill('[name=note]', '\u{1f600}'.repeat(501));
    await page.click('dialog [type=submit]');
    await page.locator('dialog .problem', { hasText: 'at most 500 characters, but has 501' })
      .waitFor();
    assert.equal(mock.seen.some((r) => r.method === 'PUT'), false);
    await page.fill('[name=note]', '\u{1f600}'.repeat(500));
    await page.click('dialog [type=submit]');
    await page.locator(`${row('qa3')} [data-act=build]`).waitFor();
  });

tells('dialog: a refusal names what is free', async (page, mock) => {
  await page.click(`${row('qa3')} [data-act=reserve]`);
  mock.world.servers.find((s) => s.name === 'qa3').hold = {
    user: 'bob', since: at(0), until: at(3600e3), note: '', job: null };
  await page.click('dialog [type=submit]');
  const said = page.locator('dialog .problem');
  await said.waitFor();
  assert.match(await said.innerText(), /qa3 is held by bob.*Free: qa6/s);
}, { expected: /status of 409/ });

tells('dialog: a build says what it replaces, suggests paths, and is watched',
  async (page, mock) => {
    await page.click(`${row('qa2')} [data-act=build]`);
    await page.selectOption('[name=application]', 'shop');
    assert.match(await text_of(page, '#build-effect'),
      /Replaces billing trunk@4190 with data of .*on qa2/);
    assert.match(await text_of(page, '.usual'), /usually 3\.9 s/);
    await page.locator('[name=path]').pressSequentially('chec');
    await page.locator('[data-path="branches/checkout-2"]').waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    assert.equal(await page.inputValue('[name=path]'),
      'branches/checkout-2');
    await page.click('dialog [type=submit]');
    await page.waitForURL(/#\/jobs\/1482$/);
    const post = mock.seen.find((r) => r.method === 'POST');
    assert.deepEqual(post.body, { application: 'shop',
      path: 'branches/checkout-2', database: 'newest', checkout: true });
    await page.locator('h1 .tag', { hasText: 'succeeded' }).waitFor();
    await page.locator('.log', { hasText: '0042_größe... OK' }).waitFor();
    await page.locator('.log', { hasText: /verify\s+done/ }).waitFor();
    assert.equal(await page.locator('.step.done').count(), 8);
    assert.equal(await page.locator('.log div', {
      hasText: 'resolves to' }).count(), 1, 'no line comes twice');
  }, { busy: false });

tells('dialog: Escape closes the suggestions first, then the dialog',
  async (page) => {
    await page.click(`${row('qa2')} [data-act=build]`);
    await page.click('[name=path]');
    await page.waitForSelector('.suggest:not([hidden]) [data-path]');
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.suggest:not([hidden])').count(), 0);
    assert.equal(await page.locator('dialog[open]').count(), 1);
    await page.keyboard.press('Escape');
    await until('closed', async () =>
      await page.locator('dialog').count() === 0);
  });

tells('dialog: an older generation, and code kept as it is',
  async (page, mock) => {
  await page.click(`${row('qa3')} a`);
  await page.click('#drawer [data-act=build]');
  await page.locator('dialog .seg').first().locator('label').nth(1)
    .click();
  await page.locator('dialog label', { hasText: 'keep as it is' }).last()
    .click();
  assert.match(await text_of(page, '#build-effect'), /The code is kept/);
  await page.click('dialog [type=submit]');
  await page.waitForURL(/#\/jobs\//);
  const { body } = mock.seen.find((r) => r.method === 'POST');
  assert.match(body.database, /^[0-9]{14}$/);
  assert.deepEqual([body.checkout, body.path, body.revision],
    [false, undefined, undefined]);
  await page.getByText('tags/5.2.0').first().waitFor();
}, { busy: false });

tells('dialog: with code and database both kept there is nothing to build',
  async (page) => {
    await page.click(`${row('qa2')} [data-act=build]`);
    for (const group of ['database', 'checkout'])
      await page.locator(`fieldset:has([name=${group}]) label`).last()
        .click();
    await page.getByText('Nothing to do: both database').waitFor();
    assert.ok(await page.isDisabled('dialog [type=submit]'));
  });

tells('dialog: a bad path is refused in the dialog, which stays as it was',
  async (page) => {
    await page.click(`${row('qa2')} [data-act=build]`);
    await page.fill('[name=path]', 'trunk; rm -rf');
    await page.fill('dialog [name=note]', 'typed');
    await page.click('dialog [type=submit]');
    await page.locator('dialog .problem').getByText('cannot be a path')
      .waitFor();
    assert.equal(await page.inputValue('dialog [name=note]'), 'typed');
  }, { expected: /status of 400/ });

tells('dialog: what nobody answered is sent again under the same key',
  async (page, mock) => {
    await page.click(`${row('qa3')} [data-act=reserve]`);
    const keys = [];
    page.on('request', (r) => {
      if (r.method() === 'PUT') keys.push(r.headers()['idempotency-key']);
    });
    mock.world.silent = true;
    await page.click('dialog [type=submit]');
    await page.getByText('It is safe to try again').waitFor();
    mock.world.silent = false;
    await page.click('dialog [type=submit]');
    await page.locator(`${row('qa3')} [data-act=build]`).waitFor();
    assert.equal(keys.length, 2);
    assert.equal(keys[0], keys[1]);
  }, { expected: /ERR_EMPTY_RESPONSE|ERR_CONNECTION|Failed to load/ });

tells('dialog: what can be built may become known after it was opened',
  async (page, mock) => {
    const { later } = mock.world;
    await page.click(`${row('qa2')} [data-act=build]`);
    const offered = page.locator('dialog [name=application] option');
    assert.equal(await offered.count(), 0);
    mock.world.applications = later;
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await until('three to choose from', async () =>
      await offered.count() === 3);
    assert.equal(await page.inputValue('[name=application]'), 'billing');
    assert.equal(await page.inputValue('[name=path]'), 'trunk');
    await page.locator('dialog [name=database]').first().waitFor();
  }, { prepare: (w) => { w.later = w.applications; w.applications = []; } });
