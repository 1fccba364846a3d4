// SPDX-License-Identifier: GPL-2.0-or-later
// Refreshes in words: how the last one ended, which data is in use, and the
// progress of the running one. Missing members (an older console) are omitted.
import { job_short_words } from './job.js';

const steps = ['fetch', 'restore', 'scrub', 'vacuum', 'assert', 'publish'];

// last: an application's last_refresh.
export function last_refresh_words(last, me) {
  if (!last) return null;
  const failed = last.outcome === 'failed';
  return {
    at: last.at, job: last.job, href: last.job && `#/jobs/${last.job}`,
    who: me.call(last.user), detail: last.detail, failed,
    cancelled: last.outcome === 'cancelled',
    step: failed && last.failed_step,
    renewed: last.outcome === 'succeeded' && last.committed !== false,
    not_newer: last.outcome === 'succeeded' && last.committed === false,
  };
}

// job: the short form of the queued or running refresh. Steps before the
// current one are done: a refresh runs them in order.
export function refresh_words(job, me) {
  if (!job) return null;
  const at = steps.indexOf(job.step);
  return {
    ...job_short_words(job), who: me.call(job.user),
    steps: steps.map((name, index) => ({ name,
      ...(at < 0 || index > at ? { mark: 'wait', state: 'waiting' }
        : index === at ? { mark: 'run', state: 'running' }
          : { mark: 'done', state: 'done' }) })),
  };
}
