// SPDX-License-Identifier: GPL-2.0-or-later
// Markup in every field that others can write: it must stay words.
import assert from 'node:assert/strict';
import { at } from './mock_world.mjs';
import { row, tells, text_of, until } from './page.mjs';

const evil = '<img src=x onerror="window.hit=1">&amp;{{x}}';
function poison(value, depth = 0) {
  if (typeof value === 'string')
    return /^\d{4}-|^(running|kvm\d|qa\d+|db\d|queued|svn|git)$/.test(value)
      ? value : evil;
  if (Array.isArray(value)) return value.map((v) => poison(v, depth + 1));
  if (value && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([k, v]) =>
      [k, ['arguments', 'steps', 'generation', 'servers'].includes(k) ? v
        : poison(v, depth + 1)]));
  return value;
}
const evil_line = (line) => ({ ...line, user: evil, detail: evil,
  ...(line.job ? { job: { ...line.job, revision: evil, failed_step: evil,
    generation: evil, arguments: { application: evil, path: evil,
      note: evil, generation: evil } } } : {}) });
const prepare = (w) => {
  w.servers = poison(w.servers);
  w.servers[0].problem = evil;
  w.servers[0].configuration.url = 'javascript:window.hit=2';
  w.hosts = poison(w.hosts);
  w.clusters = poison(w.clusters);
  w.applications = poison(w.applications);
  w.paths = poison([{ path: 'a', revision: 'b', at: at(0),
    author: 'c' }]);
  w.health.detail = evil;
  w.health.draining = true;
  w.me.title = evil;
  w.log = `${evil}\n`;
  for (const name of Object.keys(w.histories))
    w.histories[name] = w.histories[name].map(evil_line);
  w.data_histories[evil] = w.data_histories.shop.map(evil_line);
  for (const job of w.jobs) {
    Object.assign(job, { user: evil, application: evil });
    job.arguments = { application: evil, path: evil, revision: evil };
    if (job.waits_for) job.waits_for.holder_user = evil;
  }
};
const harmless = async (page) => {
  await page.waitForTimeout(800);
  assert.equal(await page.locator('img').count(), 0);
  assert.equal(await page.evaluate(() => window.hit), undefined);
  assert.equal(await page.locator('[href^="javascript:" i]').count(), 0);
};

tells('hostile words: stay words on the board and in the cards',
  async (page) => {
  await page.waitForSelector('#bases-card li');
  assert.ok((await text_of(page, row('qa1'))).includes(evil));
  assert.ok((await text_of(page, '#bases-card')).includes(evil));
  assert.ok((await text_of(page, '#queue-card')).includes(evil));
  await harmless(page);
}, { prepare });

tells('hostile words: stay words in the drawer and its history',
  async (page) => {
  await page.waitForSelector('.line [data-again]');
  assert.ok((await text_of(page, '#drawer')).includes(evil));
  assert.equal(await text_of(page, '#drawer .note'), evil, 'its problem');
  await harmless(page);
}, { prepare, path: '#/servers/qa1' });

tells('hostile words: stay words in an undo, and nothing to paste is made',
  async (page) => {
    await page.click('.undo [data-act=undo]');
    await page.locator('dialog .facts').waitFor();
    assert.ok((await text_of(page, 'dialog')).includes(evil));
    await harmless(page);
    await page.goto(new URL('#/data', page.url()).href);
    await page.keyboard.press('Escape');
    await page.locator('[aria-expanded=false]').last().click();
    await page.locator('#data-history .line').first().waitFor();
    assert.ok((await text_of(page, 'main')).includes(evil));
    assert.equal(await page.locator('code', {
      hasText: 'drop-database' }).count(), 0);
    await harmless(page);
  }, { path: '#/servers/qa2', busy: false, prepare: (w) => {
    prepare(w);
    w.me.admin = true;
  } });

tells('hostile words: stay words on a job and in its log', async (page) => {
  await page.locator('.log', { hasText: '<img' }).waitFor();
  await harmless(page);
}, { prepare, path: '#/jobs/1482' });

tells('hostile words: stay words in the build dialog', async (page) => {
  await page.click('[data-again]');
  await page.waitForSelector('dialog[open]');
  await page.fill('[name=path]', '');
  await page.click('[name=path]');
  await page.locator('[role=option]').waitFor();
  await harmless(page);
}, { prepare, path: '#/servers/qa2', busy: false });

tells('hostile words: stay words in machine, drift and preview',
  async (page, mock) => {
    await page.locator('.snapshots [data-revert]').waitFor();
    assert.ok((await text_of(page, '.drift')).includes(evil));
    assert.ok((await text_of(page, '.machine')).includes(evil));
    await page.click('[data-revert]');
    assert.ok((await text_of(page, 'dialog')).includes(evil));
    await page.click('dialog [type=submit]');
    await until('its name is one part of the address', () => mock.seen.some(
      (r) => r.path === `servers/qa2/snapshots/${evil}/revert`));
    await until('the dialog is closed', async () =>
      await page.locator('dialog').count() === 0);
    await page.click('#drawer [data-act=build]');
    await page.locator('dialog [name=revert]').waitFor();
    await page.click('dialog [data-do=preview]');
    await page.locator('.file').waitFor();
    const said = await text_of(page, '#build-preview');
    assert.equal(said.split(evil).length, 7, said);
    await page.locator('dialog summary').click();
    await harmless(page);
    await page.keyboard.press('Escape');
    await page.goto(new URL('#/', page.url()).href);
    await page.click('[data-do=provision]');
    await page.locator('dialog option').first().waitFor({
      state: 'attached' });
    await harmless(page);
  }, { path: '#/servers/qa2', busy: false, prepare: (w) => {
      const qa2 = w.servers.find((s) => s.name === 'qa2');
      w.me.admin = true;
      qa2.drift = { job: 1, build: 2, problems: [evil], edits: 1,
        files: [{ path: evil, state: evil }], names: [evil], as_of: at(0) };
      Object.assign(w.machines.qa2, { addresses_from: evil, snapshots: [{
        name: evil, created: at(0), state: evil, current: true, note: evil,
        job: 3 }] });
      w.hosts[0].images = [evil];
      w.preview = [{ path: evil, state: evil, mode: evil, owner: evil,
        text: evil, diff: `@@ @@\n+${evil}\n`, left_out: evil }];
    } });
