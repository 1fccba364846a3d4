// SPDX-License-Identifier: GPL-2.0-or-later
// Undo and keep: what the drawer says, what is asked first, what is sent.
import assert from 'node:assert/strict';
import { tells, text_of, until } from './page.mjs';

const server = (world, name) => world.servers.find((s) => s.name === name);
const sent = (mock, method) => mock.seen.filter((r) => r.method === method);

tells('undo: says what comes back and until when, asks, and is watched',
  async (page, mock) => {
    await page.locator('.undo [data-act=undo]').focus();
    assert.match(await text_of(page, '.undo'), new RegExp('Restores ' +
      'billing branches/vat-de@4179 with data of \\d+ \\w+ \\d+:\\d+\\. ' +
      'Undoes job 1461 of you; possible until .*, (50|49) min left'));
    await page.keyboard.press('Enter');
    const dialog = page.locator('dialog[open]');
    await dialog.waitFor();
    assert.equal(await page.evaluate(() =>
      document.activeElement.textContent), 'Cancel');
    const said = await dialog.innerText();
    for (const part of [/Undo on qa2\?/, /billing branches\/vat-de@4179/,
      /billing trunk@4190/, /of qa2, billing_qa2, is replaced/,
      /generation \d{14}/, /sessions are closed/])
      assert.match(said, part);
    await page.keyboard.press('Escape');
    await until('closed', async () => await dialog.count() === 0);
    assert.equal(await page.evaluate(() =>
      document.activeElement.dataset.act), 'undo');
    assert.equal(sent(mock, 'POST').length, 0);
    await page.keyboard.press('Enter');
    await page.click('dialog [type=submit]');
    await page.waitForURL(/#\/jobs\/1482$/);
    assert.deepEqual(sent(mock, 'POST').map((r) => [r.path, r.body]),
      [['servers/qa2/undo', { job: 1461 }]]);
    await page.getByText('back to billing branches/vat-de@4179 with data of')
      .waitFor();
    await page.locator('h1 .tag', { hasText: 'succeeded' }).waitFor();
    assert.equal(await page.locator('.step.done').count(), 4);
    await page.click('.job-head a:text("qa2")');
    const line = page.locator('.line.now', { hasText: 'Undone: back to' });
    await line.waitFor();
    assert.match(await line.innerText(), /vat-de@4179, data of .*undid job 1461/s);
    // It can itself be undone, from its line too.
    await line.locator('[data-act=undo]').click();
    assert.match(await text_of(page, 'dialog'), /billing trunk@4190/);
  }, { path: '#/servers/qa2', busy: false });

tells('undo: keep moves its end, within what the console allows',
  async (page, mock) => {
    await page.click('.undo [data-act=keep]');
    assert.equal(await page.locator('dialog [name=hours]').count(), 3);
    await page.fill('dialog [name=other]', '0.5');
    await page.getByText('it is never shortened').waitFor();
    assert.ok(await page.isDisabled('dialog [type=submit]'));
    await page.locator('dialog label', { hasText: '8 h' }).click();
    assert.match(await text_of(page, '.outcome'), /^Kept until /);
    await page.click('dialog [type=submit]');
    await page.locator('.line', { hasText: 'Undo kept by you until' })
      .waitFor();
    assert.deepEqual(sent(mock, 'PUT').map((r) => [r.path, r.body]),
      [['servers/qa2/undo', { hours: 8 }]]);
    await page.locator('.undo', { hasText: /7 h 59 min left|8 h left/ })
      .waitFor();
  }, { path: '#/servers/qa2', busy: false, prepare: (w) => {
    server(w, 'qa2').undo.keep_until = new Date(Date.now() + 10 * 3600e3)
      .toISOString();
  } });

tells('undo: of somebody else is told, and offered to an admin alone',
  async (page, mock) => {
    await page.getByText('Only the holder or an admin may undo it.').waitFor();
    assert.equal(await page.locator('[data-act=undo], [data-act=keep]')
      .count(), 0);
    mock.world.me.admin = true;
    await page.reload();
    await page.locator('.undo [data-act=undo]').waitFor();
    await page.locator('.undo [data-act=keep]').waitFor();
  }, { path: '#/servers/qa4', busy: false });

tells('undo: what changed while it was read is not undone unread',
  async (page, mock) => {
    await page.click('.undo [data-act=undo]');
    const { undo } = server(mock.world, 'qa2');
    undo.job = 1499;
    undo.configuration.path = 'branches/other';
    await page.locator('.undo a', { hasText: '1499' }).waitFor();
    await page.click('dialog [type=submit]');
    await page.locator('dialog .problem', { hasText: 'has changed' }).waitFor();
    assert.equal(sent(mock, 'POST').length, 0);
    assert.match(await text_of(page, 'dialog'), /branches\/other/);
    await page.click('dialog [type=submit]');
    await page.waitForURL(/#\/jobs\//);
  }, { path: '#/servers/qa2', busy: false });

tells('undo: of code alone promises nothing about the database',
  async (page) => {
    await page.getByText('the database is kept').waitFor();
    assert.doesNotMatch(await text_of(page, '.undo'), /until/);
    assert.equal(await page.locator('[data-act=keep]').count(), 0);
    await page.click('.undo [data-act=undo]');
    await page.getByText('The database is kept; code').waitFor();
  }, { path: '#/servers/qa2', busy: false, prepare: (w) => {
    const { undo, last_job } = server(w, 'qa2');
    Object.assign(undo, { until: null, keep_until: null });
    last_job.database = 'none';
  } });
