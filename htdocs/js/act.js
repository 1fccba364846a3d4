// SPDX-License-Identifier: GPL-2.0-or-later
// Sends changes: reserve, release, build, cancel. act() sends a request and
// returns {job, server, detail, pending}. If berthd is not running (or too many
// clients already wait) the console answers 202 and keeps the request as a
// drop; `pending` is then a promise of the decision, which is found by
// following GET /drops/TOKEN with the poller.
import { Problem, new_key, send } from './api.js';
import { refresh } from './world.js';

export async function act(world, method, path, body, key) {
  const { status, body: answer } = await send(method, path, body, key);
  refresh(world);
  const result = { job: answer.job || null, server: answer.server || null,
    detail: answer.detail || '', pending: null };
  if (status === 202 && answer.token)
    result.pending = follow(world, answer.token);
  return result;
}

// Resolves when berthd has accepted the drop, rejects with the reason when it
// has refused it. There is no deadline: berthd may run again only tomorrow, and
// the request is durable until then.
function follow(world, token) {
  return new Promise((resolve, reject) => {
    const path = `drops/${encodeURIComponent(token)}`;
    const stop = world.poller.watch(path, 1, (drop) => {
      if (drop.state === 'submitted') return undefined;
      refresh(world);
      if (drop.state === 'accepted')
        resolve({ job: drop.job, server: drop.server,
          detail: drop.detail, pending: null });
      else
        reject(new Problem(drop.status, 'Refused', drop.detail ||
          'berthd refused the request without a reason.', drop));
      return false;
    }, { failed: (problem) => { stop(); reject(problem); } });
  });
}

// One key per distinct request: the same body sent again (after no answer) is
// executed once, a changed body is a new request.
export class Keys {
  for_request(path, body) {
    const request = JSON.stringify([path, body]);
    if (request !== this.request) {
      this.request = request;
      this.key = new_key();
    }
    return this.key;
  }

  forget() {
    this.request = null;
  }
}
