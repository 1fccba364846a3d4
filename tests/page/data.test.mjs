// SPDX-License-Identifier: GPL-2.0-or-later
// The page about data, and the choice of data in the build dialog.
import assert from 'node:assert/strict';
import { row, tells, text_of, until } from './page.mjs';

const shop = (world) => world.applications.find((a) => a.name === 'shop');

tells('data: dates, generations, spares, and why the last refresh failed',
  async (page) => {
    const card = page.locator('#bases-card li', { hasText: 'shop' });
    await card.waitFor();
    assert.match(await card.innerText(),
      /shop.*refresh failed at scrub.*2 of 3 spares/s);
    await card.locator('a').click();
    await page.waitForURL(/#\/data\/shop$/);
    await page.locator('#data-history .line').nth(4).waitFor();
    const text = await text_of(page, '[data-key=app-shop]');
    for (const part of [/Data of \d+ \w+ \d+:\d+/, /38 GB · \d{14}\s+newest/,
      /keeps 2 generations/, /2 of 3 spares/,
      /refresh of .* failed at scrub: 30-mail\.sql, .* remains in use\. Job 1452/,
      /Refresh by berth scrub failed/, /Spare made by berth, data of/,
      /Refreshed by berth, data of .*generation \d{14} · 13 min/s])
      assert.match(text, part);
    assert.equal(await page.locator('[data-refresh]').count(), 0,
      'not for everybody');
    assert.match(text, /· as published\s+kept/, 'a date that is a guess');
  }, { prepare: (w) => { shop(w).bases[1].data_at = null; } });

tells('data: tells what an admin should look at, calmly, with the command',
  async (page) => {
    const db1 = page.locator('[data-key=cluster-db1]');
    await db1.waitFor();
    const text = await db1.innerText();
    assert.match(text, /3 bases, 2 former databases kept for an undo/);
    assert.match(text, /shop\s+data of .*\s+2 ready/);
    assert.match(text, /Problems for an admin\s+billing_qa12 has/);
    assert.deepEqual(await db1.locator('.command').allInnerTexts(), [
      'berthctl drop-database db1 berth_0a1b2c3d_s_shop_20261101024100_1312',
      'berthctl doctor'], 'a folder is no database to drop');
    assert.equal(await page.locator('[role=alert]').count(), 0);
    assert.match(await text_of(page, '[data-key=cluster-db2]'),
      /not answering\s+connection refused/);
  }, { path: '#/data' });

tells('data: an admin refreshes, sees it run, and what came of it',
  async (page, mock) => {
    await page.click('[data-refresh=shop]');
    await page.getByText('remains in use until then, and if anything fails')
      .waitFor();
    await page.check('dialog [name=again]');
    await page.click('dialog [type=submit]');
    await page.waitForURL(/#\/jobs\/1482$/);
    assert.deepEqual(mock.seen.filter((r) => r.method === 'POST').map(
      (r) => [r.path, r.body]), [['applications/shop/refresh',
      { again: true }]]);
    await page.locator('.step', { hasText: 'vacuum' }).waitFor();
    await page.locator('.job-head a', { hasText: 'shop' }).click();
    const running = page.locator('[data-key=app-shop] .refreshing');
    await running.locator('.trail .run').waitFor();
    assert.equal(await running.locator('progress').count(), 1);
    assert.equal(await page.locator('[data-refresh=shop]').count(), 0);
    await page.locator('[data-key=app-shop]', {
      hasText: /Refreshed today .* by you\. Job 1482/ }).waitFor();
    await page.locator('#data-history .line', {
      hasText: 'Refreshed by you, data of' }).waitFor();
  }, { path: '#/data', busy: false, prepare: (w) => {
    w.me.admin = true;
    w.pace = 5;
  } });

tells('data: a console that says less is shown for what it says',
  async (page) => {
    await page.locator('[data-key=app-shop]', { hasText: 'newest' })
      .waitFor();
    assert.match(await text_of(page, '[data-key=app-shop]'),
      /^shop on db1\s+2 spares\s+Data of \d+ \w+ /);
    assert.equal(await page.locator('.undo, [data-refresh]').count(), 0);
    await page.goto(new URL('#/servers/qa2', page.url()).href);
    await page.locator('#history .line').first().waitFor();
    assert.equal(await page.locator('.undo').count(), 0);
  }, { path: '#/data', prepare: (w) => {
    w.me.admin = true;
    for (const a of w.applications)
      for (const name of ['spares_wanted', 'generations_kept', 'refresh',
        'last_refresh', 'can_refresh']) delete a[name];
    for (const c of w.clusters)
      for (const name of ['spares', 'former', 'orphans']) delete c[name];
    for (const s of w.servers) { delete s.undo; delete s.problem; }
  } });

tells('data: a generation that is gone is refused with those to choose from',
  async (page, mock) => {
    await page.click(`${row('qa2')} [data-act=build]`);
    await page.selectOption('[name=application]', 'shop');
    await page.fill('[name=path]', 'trunk');
    await page.press('[name=path]', 'Tab');  // closes the suggestions
    await page.locator('dialog .data-choices label').first().click();
    assert.match(await text_of(page, '.data-choices'), /38 GB/);
    const [, older] = shop(mock.world).bases;
    mock.world.gone = [older.generation];
    await page.click('dialog [type=submit]');
    await page.locator('dialog [data-pick]').click();
    assert.equal(await page.inputValue('dialog [name=database]:checked'),
      older.generation);
    delete mock.world.gone;
    await page.click('dialog [type=submit]');
    await page.waitForURL(/#\/jobs\//);
    assert.deepEqual(mock.seen.filter((r) => r.method === 'POST').map(
      (r) => r.body.database), ['newest', older.generation]);
  }, { busy: false, expected: /status of 409/ });

tells('data: what was chosen and is kept no more is not sent as another',
  async (page, mock) => {
    await page.click(`${row('qa2')} [data-act=build]`);
    await page.selectOption('[name=application]', 'shop');
    await page.fill('[name=path]', 'trunk');
    await page.press('[name=path]', 'Tab');  // closes the suggestions
    await page.locator('dialog .data-choices label').nth(1).click();
    shop(mock.world).bases.pop();
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await page.getByText('is no longer kept; choose again').waitFor();
    assert.ok(await page.isDisabled('dialog [type=submit]'));
    await page.locator('dialog .data-choices label').first().click();
    await until('may be sent', async () =>
      !await page.isDisabled('dialog [type=submit]'));
    assert.equal(mock.seen.filter((r) => r.method === 'POST').length, 0);
  }, { busy: false });
