// SPDX-License-Identifier: GPL-2.0-or-later
// A job's page: cancel, waiting, failure, log.
import assert from 'node:assert/strict';
import { row, tells } from './page.mjs';

tells('job: can be cancelled by its owner', async (page) => {
  await page.click('[data-do=cancel]');
  await page.click('dialog [type=submit]');
  await page.locator('h1 .tag', { hasText: 'cancelled' }).waitFor();
  assert.equal(await page.locator('[data-do=cancel]').count(), 0);
}, { path: '#/jobs/1482' });

tells('job: of somebody else offers no cancel', async (page) => {
  await page.locator('h1', { hasText: 'Job 1483' }).waitFor();
  assert.equal(await page.locator('[data-do=cancel]').count(), 0);
}, { path: '#/jobs/1483' });

// qa1 is the reader's, who decides what changes on it and not who looks at it.
for (const [kind, offers] of [['build', 1], ['preview', 0], ['check', 0]]) {
  tells(`job: a ${kind} of somebody else on one's own server offers ${
    offers ? 'a' : 'no'} cancel`, async (page) => {
    await page.locator('h1', { hasText: 'Job 1482' }).waitFor();
    assert.equal(await page.locator('[data-do=cancel]').count(), offers);
  }, { path: '#/jobs/1482', prepare: (w) => {
    Object.assign(w.jobs[0], { user: 'bob', kind, pace: 200 });
  } });
}

tells('job: that waits says for what', async (page) => {
  await page.getByText('2nd in line; waits for a copy on db1').waitFor();
}, { path: '#/jobs/1484' });

tells('job: that fails shows the step and the end of its log', async (page) => {
  await page.click(`${row('qa2')} [data-act=build]`);
  await page.click('dialog [type=submit]');
  await page.getByText('verify failed.').waitFor();
  await page.locator('.log', { hasText: 'column <orders.slot>' }).waitFor();
  assert.equal(await page.locator('.step.bad').count(), 1);
}, { busy: false, prepare: (w) => { w.fails = 'verify'; } });

// The class of a skipped step once was that of the hidden "skip" link.
tells('job: that fails early shows all its steps in place', async (page) => {
  await page.click(`${row('qa2')} [data-act=build]`);
  await page.click('dialog [type=submit]');
  await page.getByText('preflight failed.').waitFor();
  const boxes = await page.locator('.step').evaluateAll((steps) =>
    steps.map((s) => s.getBoundingClientRect().left));
  assert.equal(boxes.length, 8);
  assert.ok(boxes.every((left, i) => left > (i ? boxes[i - 1] : 0)),
    String(boxes));
}, { busy: false, prepare: (w) => { w.fails = 'preflight'; } });

tells('job: that does not exist says so', async (page) => {
  await page.getByText('There is no job 9').waitFor();
}, { path: '#/jobs/9', expected: /status of 404/ });
