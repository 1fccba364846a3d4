// SPDX-License-Identifier: GPL-2.0-or-later
// The board: what a row says, filters, polling with ETags, widths.
import assert from 'node:assert/strict';
import { row, tells, text_of, until } from './page.mjs';

tells('board: shows who, what, since when, which data and what runs',
  async (page) => {
    await page.waitForSelector(row('qa15'));
    assert.equal(await page.locator('[data-server]').count(), 15);
    const qa1 = await text_of(page, row('qa1'));
    assert.match(qa1, /you\s+2 h 4\d min left/);
    assert.match(qa1, /shop branches\/checkout-2@4183/);
    assert.match(qa1, /#1482 about \d+ (s|min) left/);
    assert.equal(await page.locator(`${row('qa1')} progress`).count(), 1);
    const qa9 = await text_of(page, row('qa9'));
    assert.match(qa9, /queued, 2nd/);
    assert.match(qa9, /waits for a copy on db1 \(held by #1483 of bob\)/);
    assert.match(await text_of(page, row('qa5')), /verify failed/);
    assert.match(await text_of(page, row('qa7')), /shut off/);
    const git = await text_of(page, row('qa6'));
    assert.match(git, /portal main@9f31c2e\n/);
  });

tells('board: names what of a host is not shown, with the reason',
  async (page) => {
    await page.waitForSelector(row('qa1'));
    const host = await text_of(page, '[data-key="host-kvm1"] .group');
    assert.match(host, /qa 1 <b> is not shown: the name is not a server name/);
    assert.match(host, /domain qa3: snapshot 'far': its creationTime/);
  });

tells('board: keeps a host that does not answer, marked in words',
  async (page) => {
  await page.waitForSelector(row('qa10'));
  const group = await text_of(page, '.group.stale');
  assert.match(group, /kvm2.*not answering since .*connection timed out/s);
  assert.match(await text_of(page, row('qa10')), /unknown/);
  assert.equal(await page.locator(`${row('qa10')} [data-act]`).count(), 0);
});

tells('board: offers one action a row', async (page) => {
  await page.waitForSelector(row('qa15'));
  for (const cell of await page.locator('[data-server] .act').all())
    assert.equal(await cell.locator('a, button').count(), 1);
});

tells('board: asks with ETags, and an unchanged answer is not rendered',
  async (page, mock) => {
    await page.waitForSelector(row('qa15'));
    await until('a 304 for /servers', () => mock.seen.some((r) =>
      r.path === 'servers' && r.status === 304));
  }, { busy: false });

tells('board: lets the words of a time move without asking',
  async (page, mock) => {
  await page.waitForSelector(`${row('qa4')} time`);
  mock.world.silent = true;
  const first = await text_of(page, `${row('qa1')} .job`);
  await until('the estimate moved', async () =>
    await text_of(page, `${row('qa1')} .job`) !== first);
}, { expected: /ERR_EMPTY_RESPONSE|ERR_CONNECTION|Failed to load/ });

tells('board: keeps focus and element through every rendering',
  async (page) => {
  await page.waitForSelector(row('qa2'));
  const button = page.locator(`${row('qa2')} [data-act=build]`);
  await button.focus();
  await page.evaluate(() => { document.activeElement.mine = true; });
  await page.waitForTimeout(3500);
  assert.equal(await page.evaluate(() => document.activeElement.mine),
    true);
});

tells('board: data whose dump has no date are said to be as published',
  async (page) => {
  await page.waitForSelector(row('qa2'));
  assert.match(await text_of(page, `${row('qa2')} .data`), /as published/);
  assert.doesNotMatch(await text_of(page, `${row('qa4')} .data`),
    /published/);
  assert.match(await text_of(page, '[data-key=app-shop]'), /as published/);
}, { prepare: (w) => {
  w.servers.find((s) => s.name === 'qa2').configuration.database.data_at =
    null;
  w.applications.find((a) => a.name === 'shop').bases[0].data_at = null;
} });

tells('board: narrows by text and by free and mine', async (page) => {
  await page.waitForSelector(row('qa15'));
  await page.click('[data-only=mine]');
  await until('two of mine', async () =>
    await page.locator('[data-server]').count() === 2);
  await page.click('[data-only=all]');
  await page.fill('[data-do=filter]', 'vat-de');
  await until('one left', async () =>
    await page.locator('[data-server]').count() === 1);
  assert.equal(await page.inputValue('[data-do=filter]'), 'vat-de');
  await page.fill('[data-do=filter]', 'nothing like it');
  await page.getByText('No server matches the filter.').waitFor();
});

tells('board: a hidden tab asks far less often, a shown one at once',
  async (page, mock) => {
    await page.waitForSelector(row('qa15'));
    const hide = (hidden) => page.evaluate((value) => {
      Object.defineProperty(document, 'hidden',
        { configurable: true, value });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
    await hide(true);
    await page.waitForTimeout(3500);  // what was planned before is over
    const asked = () => mock.seen.filter((r) => r.path === 'servers').length;
    const before = asked();
    await page.waitForTimeout(5000);
    assert.ok(asked() - before <= 1, `${asked() - before} in 5 s`);
    await hide(false);
    await until('asked at once', () => asked() > before, 1000);
  }, { busy: false });

for (const width of [390, 900, 1440])
  tells(`board: does not scroll sideways at ${width} pixels`, async (page) => {
    await page.waitForSelector('#bases-card li');
    for (const hash of ['', '#/servers/qa2', '#/jobs/1482', '#/jobs',
      '#/data/shop']) {
      await page.goto(new URL(hash || '#/', page.url()).href);
      await page.waitForTimeout(500);
      const over = await page.evaluate(() =>
        document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${hash} is ${over} pixels too wide`);
    }
  }, { width });
