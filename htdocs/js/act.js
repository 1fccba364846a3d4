// SPDX-License-Identifier: GPL-2.0-or-later
// What changes something: reserve, release, build, cancel. act() sends it and
// answers {job, server, detail, pending}. When the runner is away (or all who
// could wait are busy) the console answers 202 and keeps the request as a
// drop; `pending` is then a promise of the decision, found by following
// GET /drops/TOKEN through the poller.
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

// Resolves when the runner accepted the drop, rejects with the reason when it
// refused. There is no deadline: the runner may be back tomorrow, and the
// request is durable until then.
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
          'The runner refused this without a reason.', drop));
      return false;
    }, { failed: (problem) => { stop(); reject(problem); } });
  });
}

// One key per distinct request: sending the same body again (after no answer)
// is done once, a changed body is a new request.
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
