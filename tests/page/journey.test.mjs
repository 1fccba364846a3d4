// SPDX-License-Identifier: GPL-2.0-or-later
// One tester's journey through the page against the real console: reserve a
// free server, build on it, watch it finish, open the built site, see that it
// is as it was built, read its history, preview a build, build again, undo
// that, take a snapshot and go back to it, reboot, release it. Nothing is mocked:
// BERTH_URL, BERTH_USER and BERTH_PASSWORD (demo.env has them) name a running
// console whose servers are real. BERTH_SERVER and BERTH_APPLICATION choose; else
// the first server that can be reserved and the first application with a base
// are taken.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { no_browser, open_page, start_browser } from './browser.mjs';

const { BERTH_URL, BERTH_USER, BERTH_PASSWORD, BERTH_SERVER,
  BERTH_APPLICATION } = process.env;
const skip = no_browser || (BERTH_URL && BERTH_USER && BERTH_PASSWORD ? false
  : 'BERTH_URL, BERTH_USER and BERTH_PASSWORD name no console; ' +
    'start one with make demo and source demo.env');
const patience = 180000;  // for a build on a busy machine

it('journey: reserve, build, watch, open the site, again, undo, release',
  { skip, timeout: 3 * patience }, async (t) => {
    const browser = await start_browser();
    try {
      const login = { username: BERTH_USER, password: BERTH_PASSWORD };
      const page = await open_page(browser, { login,
        url: `${BERTH_URL.replace(/\/$/, '')}/` });
      page.setDefaultTimeout(60000);
      const server = await reserve(page);
      t.diagnostic(`${server} is reserved`);
      const asked = await build(page, server);
      const link = await watch(page);
      t.diagnostic(`${asked.application} ${asked.path} is built: ${link}`);
      await open_site(page, link);
      await history(page, server, asked);
      await preview(page);
      await again(page);
      await undo(page, server, asked);
      await machine(page);
      await release(page, server);
      assert.deepEqual(page.faults, [], 'the browser found nothing wrong');
    } finally {
      await browser.close();
    }
  });

const row = (server) => `[data-server="${server}"]`;

async function reserve(page) {
  const which = BERTH_SERVER ? row(BERTH_SERVER) : '[data-server]';
  const button = page.locator(`${which} [data-act=reserve]`).first();
  await button.waitFor();
  const server = await button.evaluate((b) =>
    b.closest('[data-server]').dataset.server);
  await button.click();
  await page.fill('dialog [name=other]', '2');
  await page.fill('dialog [name=note]', 'a journey through the page');
  await page.click('dialog [type=submit]');
  const mine = page.locator(`${row(server)}.mine`);
  await mine.waitFor();
  assert.match(await mine.innerText(),
    /you\s[^]*a journey through the page/);
  return server;
}

async function build(page, server) {
  await page.click(`${row(server)} [data-act=build]`);
  const application = BERTH_APPLICATION || await page.evaluate(async () => {
    const reply = await fetch('api/applications');
    const { applications } = await reply.json();
    return applications.find((a) => a.bases.length).name;
  });
  await page.selectOption('dialog [name=application]', application);
  // The database is the newest, without being asked for.
  assert.equal(await page.inputValue('dialog [name=database]:checked'),
    'newest');
  await page.click('dialog [name=path]');
  const option = page.locator('dialog [role=option]').first();
  await option.waitFor();
  const path = await option.getAttribute('data-path');
  await option.click();
  assert.equal(await page.inputValue('dialog [name=path]'), path);
  await page.click('dialog [type=submit]');
  await page.waitForURL(/#\/jobs\/[0-9]+$/);
  return { application, path };
}

async function watch(page) {
  const state = page.locator('h1 .tag');
  await page.locator('.step').first().waitFor();
  await page.locator('h1 .tag', { hasText: /succeeded|failed|cancelled/ })
    .waitFor({ timeout: patience });
  assert.equal(await state.innerText(), 'succeeded',
    await page.locator('main').innerText());
  for (const name of ['preflight', 'database', 'checkout', 'switch',
    'restart', 'verify'])
    assert.match(await page.locator(`[data-key=step-${name}]`)
      .getAttribute('class'), /done/, name);
  await page.locator('.logbar', { hasText: /\d+ lines/ }).waitFor();
  assert.match(await page.locator('.log').innerText(), /preflight/);
  return page.getByRole('link', { name: 'Open the site' })
    .getAttribute('href');
}

async function open_site(page, link) {
  const opened = page.context().waitForEvent('page');
  await page.getByRole('link', { name: 'Open the site' }).click();
  const site = await opened;
  await site.waitForLoadState();
  assert.equal(site.url(), link);
  const reply = await page.context().request.get(link);
  assert.equal(reply.status(), 200);
  assert.ok((await site.locator('body').innerText()).trim(),
    'the built site shows something');
  await site.close();
}

async function history(page, server, { application, path }) {
  await page.locator('.job-head a', { hasText: server }).click();
  // What was on it before may still be said to be, for a second.
  const now = page.locator('#history .line.now',
    { hasText: `${application} ${path}@` });
  await now.waitFor();
  const text = await now.innerText();
  assert.match(text, /data of [0-9]+ \w+/);
  assert.match(text, /on it/);
  await page.locator('#history .line', { hasText: 'Reserved by you' })
    .first().waitFor();
  await look(page);
  await now.locator('[data-again]').click();
  assert.equal(await page.inputValue('dialog [name=path]'), path);
  assert.match(await page.inputValue('dialog [name=revision]'),
    /^[0-9a-f]+$/);
}

// What the machine is, and that nobody has changed what was built.
async function look(page) {
  await page.locator('.machine', { hasText: /State\s*running/ }).waitFor();
  assert.match(await page.locator('.machine').innerText(),
    /\d+ vCPU.* memory.*Host\s+\S+/s);
  await page.click('[data-do=check]');
  await page.locator('.drift', { hasText: 'No differences from the last build' })
    .waitFor({ timeout: patience });
}

// From the dialog that "again" has filled in: the same again writes the same
// files, and each of them is told.
async function preview(page) {
  await page.click('dialog [data-do=preview]');
  await page.locator('#build-preview .file').first().waitFor({
    timeout: patience });
  const text = await page.locator('#build-preview').innerText();
  assert.match(text, /\d+ files?, (none|\d+) would change/);
  assert.equal(await page.locator('dialog .problem').count(), 0, text);
}

// From the same dialog.
async function again(page) {
  await page.click('dialog [type=submit]');
  await page.waitForURL(/#\/jobs\/[0-9]+$/);
  await watch(page);
}

async function undo(page, server, { application, path }) {
  await page.locator('.job-head a', { hasText: server }).click();
  const offer = page.locator('.undo', { hasText: `Restores ${application} ${
    path}@` });
  await offer.locator('[data-act=undo]').click();
  const said = await page.locator('dialog .fields').innerText();
  assert.match(said, new RegExp(`Restored\\s+${application} `));
  assert.match(said, /data of [0-9]+ \w+/);
  await page.click('dialog [type=submit]');
  await page.locator('.job-head', { hasText: `undo on ${server}: back to` })
    .waitFor();
  await page.locator('h1 .tag', { hasText: /succeeded|failed|cancelled/ })
    .waitFor({ timeout: patience });
  assert.equal(await page.locator('h1 .tag').innerText(), 'succeeded',
    await page.locator('main').innerText());
  await page.locator('.job-head a', { hasText: server }).click();
  await page.locator('#history .line.now', { hasText: 'Undone: back to' })
    .waitFor();
}

// In the drawer, where the undo has left it.
async function machine(page) {
  const taken = page.locator('.snapshots li', { hasText: 'journey' });
  const told = (hasText) => page.locator('#history .line', { hasText })
    .first().waitFor({ timeout: patience });
  await page.click('[data-do=take]');
  await page.fill('dialog [name=name]', 'journey');
  await page.click('dialog [type=submit]');
  await taken.waitFor({ timeout: patience });
  await page.click('[data-revert=journey]');
  await page.click('dialog [type=submit]');
  await told('Reverted to a snapshot by you');
  await page.click('[data-delete=journey]');
  await page.click('dialog [type=submit]');
  await taken.waitFor({ state: 'detached', timeout: patience });
  await page.click('[data-power=reboot]');
  await page.click('dialog [type=submit]');
  await told('Rebooted by you');
  await page.locator('.machine', { hasText: /State\s*running/ }).waitFor();
}

async function release(page, server) {
  await page.click('#drawer [data-act=release]');
  await page.click('dialog [type=submit]');
  await page.locator('#history .line', { hasText: 'Released by you' })
    .first().waitFor();
  await page.keyboard.press('Escape');
  await page.locator(`${row(server)} .free`).waitFor();
}
