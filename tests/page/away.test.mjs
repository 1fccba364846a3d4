// SPDX-License-Identifier: GPL-2.0-or-later
// When the console is silent or the runner away: what the page says, and what
// becomes of what was asked for meanwhile.
import assert from 'node:assert/strict';
import { row, tells, until } from './page.mjs';

tells('away: says that the console does not answer, and takes it back',
  async (page, mock) => {
    await page.waitForSelector(row('qa1'));
    mock.world.silent = true;
    await page.getByText('The console does not answer').waitFor();
    assert.ok(await page.evaluate(() =>
      document.body.classList.contains('silent')));
    assert.equal(await page.locator('[data-server]').count(), 15);
    mock.world.silent = false;
    await page.click('[data-do=retry]');
    await until('the banner is gone', async () => await page
      .getByText('The console does not answer').count() === 0);
  }, { expected: /ERR_EMPTY_RESPONSE|ERR_CONNECTION|Failed to load/ });

tells('away: the banner stays in sight with an open drawer', async (page) => {
  await page.getByText('berthd is not running.').waitFor();
  await page.locator('#history .line').first().waitFor();
  await page.evaluate(() => window.scrollTo(0, 9999));
  const box = (selector) => page.locator(selector).boundingBox();
  const banner = await box('#banners'), drawer = await box('#drawer');
  assert.ok(banner.height > 20 && banner.y >= 0);
  assert.ok(drawer.y >= banner.y + banner.height - 1,
    JSON.stringify([banner, drawer]));
}, { path: '#/servers/qa1', width: 390,
  prepare: (w) => { w.health.runner = 'away'; } });

tells('away: says that the runner is away, and follows what was kept',
  async (page, mock) => {
    await page.getByText('berthd is not running.').waitFor();
    await page.click(`${row('qa2')} [data-act=build]`);
    await page.fill('[name=path]', 'trunk');
    await page.click('dialog [type=submit]');
    await page.getByText('berthd is not running; stored. You can close').waitFor();
    await page.keyboard.press('Escape');
    mock.world.drops[mock.world.kept.token] = { state: 'accepted',
      status: 201, detail: 'Job 1490.', job: 1490, server: 'qa2' };
    await page.locator('#announcer a[href="#/jobs/1490"]').waitFor();
  }, { busy: false, prepare: (w) => { w.health.runner = 'away'; } });

tells('away: shows the refusal of a kept request where it was asked for',
  async (page, mock) => {
    await page.click(`${row('qa2')} [data-act=build]`);
    await page.fill('[name=path]', 'trunk');
    await page.click('dialog [type=submit]');
    await page.getByText('berthd is not running; stored. You can close').waitFor();
    mock.world.drops[mock.world.kept.token] = { state: 'refused',
      status: 409, detail: 'qa2 was taken by bob.', job: null,
      holder: 'bob', free: ['qa6', 'qa7'] };
    await page.locator('dialog .problem').getByText(
      'qa2 was taken by bob. Free: qa6, qa7.').waitFor();
    assert.ok(await page.locator('dialog [type=submit]').isEnabled());
  }, { busy: false, prepare: (w) => { w.health.runner = 'away'; } });

tells('away: offers the bases there are when a kept build names another',
  async (page, mock) => {
    await page.click(`${row('qa2')} [data-act=build]`);
    await page.fill('[name=path]', 'trunk');
    await page.click('dialog [type=submit]');
    await page.getByText('berthd is not running; stored. You can close').waitFor();
    const { bases } = mock.world.applications.find((a) =>
      a.name === mock.world.kept.body.application);
    mock.world.drops[mock.world.kept.token] = { state: 'refused',
      status: 409, detail: 'that base is gone', job: null,
      generations: bases.map((b) => b.generation) };
    await page.locator('dialog .problem [data-pick]').first().waitFor();
    assert.equal(await page.locator('dialog [data-pick]').count(),
      bases.length);
  }, { busy: false, prepare: (w) => { w.health.runner = 'away'; } });

tells('away: announces the refusal of a kept request whose dialog is closed',
  async (page, mock) => {
    await page.click(`${row('qa2')} [data-act=build]`);
    await page.fill('[name=path]', 'trunk');
    await page.click('dialog [type=submit]');
    await page.getByText('berthd is not running; stored. You can close').waitFor();
    await page.keyboard.press('Escape');
    mock.world.drops[mock.world.kept.token] = { state: 'refused',
      status: 404, detail: 'there is no application shop', job: null };
    await page.locator('#announcer').getByText(
      'there is no application shop').waitFor();
  }, { busy: false, prepare: (w) => { w.health.runner = 'away'; } });

tells('away: a hold is refused in the dialog, with the reason',
  async (page) => {
  await page.click(`${row('qa3')} [data-act=reserve]`);
  await page.click('dialog [type=submit]');
  await page.locator('dialog .problem').getByText('Try again in a minute')
    .waitFor();
}, { prepare: (w) => { w.health.runner = 'away'; },
  expected: /status of 503/ });
