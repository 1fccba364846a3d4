// SPDX-License-Identifier: GPL-2.0-or-later
// The machine under a server: what it is, its power, its snapshots, and
// whether it is still as it was built.
import assert from 'node:assert/strict';
import { at } from './mock_world.mjs';
import { row, tells, text_of, until } from './page.mjs';

const server = (world, name) => world.servers.find((s) => s.name === name);
const changes = (mock) => mock.seen.filter((r) => r.method !== 'GET')
  .map((r) => [r.method, r.path, r.body || null]);
const focused = (page) => page.evaluate(() =>
  document.activeElement.textContent);
const closed = (page) => until('the dialog is closed', async () =>
  await page.locator('dialog').count() === 0);
const machine = (page, hasText) => page.locator('.machine', { hasText })
  .waitFor();

tells('machine: says what it is, where, and who may use its power',
  async (page) => {
    await machine(page, '2 vCPUs');
    const text = await text_of(page, '.machine');
    for (const part of [/State\s+running since .*, up 14 h/,
      /Address\s+192\.0\.2\.\d+ from its DHCP lease/,
      /2 vCPUs · 2 GiB memory · 3\.3 GiB of 20 GiB disk/,
      /Host\s+kvm1 qemu:\/\/\/system/,
      /clean\s.*, shut off · job 1301 · .as delivered/s,
      /before-vat current\s.*, running, with its memory · job 1440/s])
      assert.match(text, part);
    assert.deepEqual(await page.locator('[data-power]').allInnerTexts(),
      ['Shut down', 'Reboot', 'Reset']);
    assert.equal(await page.locator('.retire').count(), 0, 'not an admin');
    const go = (name) => page.goto(new URL(`#/servers/${name}`,
      page.url()).href);
    await go('qa4');
    await machine(page, 'It is held by bob; only bob or an admin may use it.');
    assert.equal(await page.locator('[data-power], [data-do=take]').count(),
      0);
    await go('qa10');
    await machine(page, 'not known (connection timed out)');
    assert.equal(await page.locator('[data-power]').count(), 0);
    await go('qa6');
    await machine(page, 'It is free: reserve it first.');
    assert.equal(await page.locator('[data-power]').count(), 3,
      'the power of a free one is everybody\'s');
    await go('qa7');
    await machine(page, 'shut off');
    assert.deepEqual(await page.locator('[data-power]').allInnerTexts(),
      ['Start']);
  }, { path: '#/servers/qa2', busy: false });

tells('machine: power by keyboard; what asks nobody is confirmed first',
  async (page, mock) => {
    await page.locator('[data-power=reset]').focus();
    await page.keyboard.press('Enter');
    await page.getByText('everything not written to disk is lost').waitFor();
    assert.equal(await focused(page), 'Cancel');
    await page.keyboard.press('Enter');
    await closed(page);
    assert.equal(await focused(page), 'Reset');
    assert.deepEqual(changes(mock), [], 'nothing was asked for');
    await page.keyboard.press('Enter');
    await page.click('dialog [type=submit]');
    await page.locator('.toast', { hasText: /resets qa2/ }).waitFor();
    await page.locator('.line', { hasText: 'Reset by you' }).waitFor();
    await page.locator('[data-power=shutdown]').focus();
    await page.keyboard.press('Enter');
    await page.locator('dialog [name=how]').first().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.locator('[data-power=start]').waitFor();
    assert.match(await text_of(page, '#drawer header'), /shut off on kvm1/);
    await page.locator('[data-power=start]').focus();
    await page.keyboard.press('Enter');
    await page.locator('.toast',
      { hasText: 'qa2 is running; it is reachable over ssh.' })
      .last().waitFor();
    await page.locator('[data-power=reboot]').waitFor();
    assert.deepEqual(changes(mock).map(([, path, body]) => [path, body]), [
      ['servers/qa2/power', { action: 'reset' }],
      ['servers/qa2/power', { action: 'shutdown', force: true }],
      ['servers/qa2/power', { action: 'start' }]]);
  }, { path: '#/servers/qa2', busy: false });

tells('machine: a refusal is shown in the console\'s words', async (page,
  mock) => {
  await page.locator('[data-power=start]').waitFor();
  server(mock.world, 'qa7').hold = { user: 'bob', since: at(0),
    until: '2099-01-01T00:00:00Z', note: '', job: null };
  await page.click('[data-power=start]');
  await page.locator('.machine .problem', { hasText: 'qa7 is held by bob until ' +
    '2099-01-01T00:00:00Z; only the holder or an admin may use its power' })
    .waitFor();
  await page.goto(new URL('#/servers/qa2', page.url()).href);
  await machine(page, 'before-vat');
  await page.click('[data-revert=before-vat]');
  mock.world.machines.qa2.snapshots.pop();
  await page.click('dialog [type=submit]');
  await page.locator('dialog .problem', {
    hasText: /qa2 has no snapshot before-vat.*There are: clean/ }).waitFor();
}, { path: '#/servers/qa7', busy: false,
  expected: /status of 40[34]/ });

tells('machine: a snapshot is taken, gone back to and deleted by keyboard',
  async (page, mock) => {
    await page.locator('[data-do=take]').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('no name');
    await page.keyboard.press('Enter');
    assert.ok(await page.evaluate(() =>
      document.querySelector('dialog [name=name]').validity.patternMismatch));
    await page.fill('dialog [name=name]', 'clean');
    await page.keyboard.press('Enter');
    await page.locator('dialog .problem', {
      hasText: 'qa2 already has a snapshot clean' }).waitFor();
    await page.fill('dialog [name=name]', 'v5.2_ok');
    // In a note, Enter is a line break.
    await page.fill('dialog [name=note]', 'before <b>it</b>');
    await page.focus('dialog [type=submit]');
    await page.keyboard.press('Enter');
    await page.locator('.snapshots li', { hasText: 'v5.2_ok current' })
      .waitFor();
    assert.match(await text_of(page, '.snapshots'), /“before <b>it<\/b>”/);
    await page.locator('[data-revert="v5.2_ok"]').focus();
    await page.keyboard.press('Enter');
    assert.match(await text_of(page, 'dialog'), new RegExp('Revert qa2 to ' +
      'v5\\.2_ok\\?.*Its disks and its memory become.*billing_qa2 is on ' +
      'the cluster and remains', 's'));
    assert.equal(await focused(page), 'Cancel');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('.line', { hasText: 'Reverted to a snapshot by you' })
      .waitFor();
    await page.locator('[data-delete="v5.2_ok"]').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await until('it is gone', async () =>
      await page.locator('.snapshots li').count() === 2);
    assert.deepEqual(changes(mock).slice(1), [
      ['POST', 'servers/qa2/snapshots', { name: 'v5.2_ok',
        note: 'before <b>it</b>' }],
      ['POST', 'servers/qa2/snapshots/v5.2_ok/revert', {}],
      ['DELETE', 'servers/qa2/snapshots/v5.2_ok', null]]);
  }, { path: '#/servers/qa2', busy: false, expected: /status of 409/ });

const finds = { job: 1500, build: 1460, problems: ['the site is disabled'],
  files: [{ path: 'etc/shop/settings.py', state: 'changed' },
    { path: 'etc/shop/site.wsgi', state: 'missing' }], edits: 12,
  names: ['shop/views.py', 'shop/models.py'], as_of: at(-60e3) };

tells('machine: drift is a mark on the board, told in full, checked on demand',
  async (page, mock) => {
    const mark = page.locator(`${row('qa4')} .tag`, { hasText: 'drift' });
    await mark.waitFor();
    assert.equal(await mark.getAttribute('title'),
      'Changed since the last build: 2 files, 12 edits, 1 problem');
    await page.fill('[data-do=filter]', 'drift');
    await until('one left', async () =>
      await page.locator('[data-server]').count() === 1);
    await mark.click();
    const text = await text_of(page, '.drift');
    for (const part of [/\/etc\/shop\/settings\.py was changed/,
      /site\.wsgi is missing/, /the site is disabled/,
      /12 edits in the checkout: shop\/views\.py shop\/models\.py and 10 more/])
      assert.match(text, part);
    // For anybody, whoever has it.
    await page.locator('[data-do=check]').focus();
    await page.keyboard.press('Enter');
    await page.locator('.drift', { hasText: 'No differences from the last build' })
      .waitFor();
    await until('the mark is gone', async () => await mark.count() === 0);
    mock.world.fails = 'check';
    await page.click('[data-do=check]');
    await page.locator('.drift .problem', { hasText: 'The check failed.' })
      .waitFor();
    assert.deepEqual(changes(mock), Array(2).fill(
      ['POST', 'servers/qa4/checks', {}]));
  }, { busy: false, prepare: (w) => {
    Object.assign(server(w, 'qa4'), { drift: finds, checked_at: at(0) });
  } });
