// SPDX-License-Identifier: GPL-2.0-or-later
// node screenshot.mjs URL OUT.png WIDTH light|dark [HEIGHT]
// A picture of a console as it is. Logs in with BERTH_USER and
// BERTH_PASSWORD when they are set; URL may end in a route (#/servers/qa1).
import { open_page, start_browser } from './browser.mjs';

const [url, out, width, scheme, height] = process.argv.slice(2);
if (!url || !out || !Number(width) || !['light', 'dark'].includes(scheme)) {
  console.error('usage: node screenshot.mjs URL OUT.png WIDTH light|dark ' +
    '[HEIGHT]');
  process.exit(2);
}
const { BERTH_USER: username, BERTH_PASSWORD: password } = process.env;
const browser = await start_browser();
try {
  const page = await open_page(browser, { url, width: Number(width), scheme,
    height: Number(height) || 1000,
    login: username ? { username, password: password || '' } : undefined });
  await page.waitForSelector('#drawer h1, .job-page h1, .jobs .row.head, ' +
    '.data-page .set, [data-server]');
  await page.waitForTimeout(1200);  // cards and history follow the list
  await page.screenshot({ path: out, fullPage: !height });
  for (const fault of page.faults) console.error(fault);
} finally {
  await browser.close();
}
