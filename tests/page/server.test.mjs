// SPDX-License-Identifier: GPL-2.0-or-later
// A server's drawer: address, history with "again", release, extend, take over.
import assert from 'node:assert/strict';
import { row, tells, text_of, until } from './page.mjs';

tells('server: its address opens its drawer; Escape goes back to its row',
  async (page) => {
    await page.locator('#drawer h1', { hasText: 'qa5' }).waitFor();
    await page.locator('.line', { hasText: 'verify failed' }).waitFor();
    await page.keyboard.press('Escape');
    await page.waitForURL(/#\/?$/);
    assert.equal(await page.evaluate(() =>
      document.activeElement.textContent), 'qa5');
  }, { path: '#/servers/qa5' });

tells('server: "again" fills in path and resolved revision, newest data',
  async (page, mock) => {
    await page.locator('[data-again]').last().click();
    assert.equal(await page.inputValue('[name=revision]'), '4011');
    await page.click('dialog [type=submit]');
    await page.waitForURL(/#\/jobs\//);
    assert.deepEqual(mock.seen.find((r) => r.method === 'POST').body,
      { application: 'billing', path: 'trunk', revision: '4011',
        database: 'newest', checkout: true });
  }, { path: '#/servers/qa2', busy: false });

tells('server: release frees it and history tells', async (page) => {
  await page.click('#drawer [data-act=release]');
  await page.click('dialog [type=submit]');
  await page.locator('#drawer .free').waitFor();
  await page.locator('.line', { hasText: 'Released by you' }).waitFor();
}, { path: '#/servers/qa2' });

tells('server: a button that goes while it is pressed does nothing else',
  async (page, mock) => {
    const build = page.locator('#drawer [data-act=build]');
    await build.waitFor();
    const { x, y, width, height } = await build.boundingBox();
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    mock.world.servers.find((s) => s.name === 'qa2').hold.user = 'bob';
    await page.locator('#drawer [data-act=take_over]').waitFor();
    await page.mouse.up();
    assert.equal(await page.locator('dialog').count(), 0);
    // Pressed again, it does what it says.
    await page.click('#drawer [data-act=take_over]');
    await page.locator('dialog', { hasText: 'Take over' }).waitFor();
  }, { path: '#/servers/qa2', busy: false, prepare: (w) => {
      w.me.admin = true; } });

tells('server: a pressed button stays it when one before it goes',
  async (page, mock) => {
    const reserve = page.locator('#drawer [data-act=reserve]');
    await reserve.focus();
    const { x, y, width, height } = await reserve.boundingBox();
    await page.mouse.move(x + width / 2, y + height / 2);
    await page.mouse.down();
    mock.world.servers.find((s) => s.name === 'qa2').state = 'shut off';
    await page.locator('#drawer [data-act=build]').waitFor(
      { state: 'detached' });
    assert.equal(await page.evaluate(() =>
      document.activeElement.dataset.act), 'reserve');
    const moved = await reserve.boundingBox();
    await page.mouse.move(moved.x + 2, moved.y + moved.height / 2);
    await page.mouse.up();
    await page.locator('dialog', { hasText: 'Extend' }).waitFor();
  }, { path: '#/servers/qa2', busy: false });

tells('server: extend does not promise to shorten a hold', async (page) => {
  await page.click('#drawer [data-act=reserve]');
  await page.locator('dialog label', { hasText: /^1 h$/ }).click();
  assert.match(await text_of(page, '.outcome'), /never shortened/);
}, { path: '#/servers/qa1' });

tells('server: only an admin may take over, and is told what that does',
  async (page, mock) => {
    await page.click('#drawer [data-act=take_over]');
    await page.getByText('Job 1483 on it is cancelled first').waitFor();
    await page.click('dialog [type=submit]');
    await until('asked', () => mock.seen.some((r) => r.method === 'PUT'));
    assert.equal(mock.seen.find((r) => r.method === 'PUT').body.take_over,
      true);
  }, { path: '#/servers/qa4', prepare: (w) => { w.me.admin = true; } });

tells('server: one that is not known says so', async (page) => {
  await page.getByText('There is no server named nowhere.').waitFor();
}, { path: '#/servers/nowhere', expected: /status of 404/,
  prepare: (w) => { w.histories.nowhere = []; } });
