// SPDX-License-Identifier: GPL-2.0-or-later
// What the tests of the page alone share: tells() is a test in a real
// Chromium against the mock console (mock.mjs), which sends the
// Content-Security-Policy that ships. Each has its own mock, and ends by
// asking that nothing went wrong on the browser's console.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { no_browser, open_page, start_browser } from './browser.mjs';
import { start_mock } from './mock.mjs';

let browser;
before(async () => { if (!no_browser) browser = await start_browser(); });
after(async () => { if (browser) await browser.close(); });

// Runs `story` with a page on a fresh mock. expected: faults that belong to
// the story, such as Chromium's own line about a reply of 409.
export function tells(name, story, { path = '', busy = true,
  prepare = () => {}, expected = null, ...view } = {}) {
  it(name, { skip: no_browser, timeout: 200000 }, async () => {
    const mock = await start_mock({ busy });
    prepare(mock.world);
    const page = await open_page(browser, { url: mock.url, path, ...view });
    try {
      await story(page, mock);
      const faults = page.faults.filter((f) => !expected ||
        !expected.test(f));
      assert.deepEqual(faults, [], 'the console of the browser is clean');
    } finally {
      await page.context().close();
      await mock.close();
    }
  });
}

export const text_of = (page, selector) => page.locator(selector).first()
  .innerText();
export const row = (name) => `[data-server="${name}"]`;
export async function until(what, test, ms = 30000) {
  const end = Date.now() + ms;
  while (!await test()) {
    assert.ok(Date.now() < end, `in ${ms} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}
