// SPDX-License-Identifier: GPL-2.0-or-later
// Debian's Chromium under playwright-core, and a page that remembers what
// must not happen: console errors, uncaught exceptions, CSP violations.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

export const chromium_path = process.env.CHROMIUM || '/usr/bin/chromium';
export const no_browser = existsSync(chromium_path) ? false
  : `${chromium_path} is missing (install Debian's chromium)`;

// The first five keep Chromium from calling anybody; a test run as root
// cannot have its sandbox.
export async function start_browser() {
  return chromium.launch({ executablePath: chromium_path, args: [
    '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', '--no-sandbox',
    '--disable-gpu'] });
}

// login: {username, password} for basic auth.
export async function open_page(browser, { url, width = 1440, height = 1000,
  scheme = 'light', login, path = '' }) {
  const context = await browser.newContext({ viewport: { width, height },
    colorScheme: scheme, httpCredentials: login,
    deviceScaleFactor: width < 500 ? 2 : 1 });
  const page = await context.newPage();
  page.faults = [];
  page.on('console', (message) => {
    if (message.type() === 'error') page.faults.push(message.text());
  });
  page.on('pageerror', (error) => page.faults.push(String(error)));
  page.setDefaultTimeout(40000);
  await page.goto(path ? new URL(path, url).href : url);
  return page;
}
