// SPDX-License-Identifier: GPL-2.0-or-later
// A job. GET /jobs/N has everything, GET /jobs omits the steps, and servers and
// the queue have a short form; the functions below make the words of each.
import { span } from '../clock.js';
import { safe_link } from '../dom.js';
import { data_instant, ordinal, revision, size, waiting } from '../words.js';
import { ended, subject } from './kind.js';

const live = ['queued', 'running', 'unsettled'];
const tags = { queued: '', running: 'run', unsettled: 'warn',
  succeeded: 'good', failed: 'bad', cancelled: '' };

// What a job leaves unchanged until it has ended.
const rests = { refresh: 'The current base remains in use until the new one ' +
  'is published, and after any failure.',
spare: 'It yields to people\u2019s builds.',
preview: 'It only reads: nothing on the server changes.',
check: 'It only reads: nothing on the server changes.' };

export const Job = Backbone.Model.extend({
  live() {
    return live.includes(this.get('state'));
  },

  // 0..1: each step counts for its usual duration, so that the bar moves
  // evenly; without known durations all count the same.
  progress() {
    const steps = this.get('steps') || [];
    let whole = 0, done = 0;
    for (const step of steps) {
      const weight = step.usual_ms > 0 ? step.usual_ms : 500;
      whole += weight;
      if (['done', 'skipped', 'failed'].includes(step.state)) done += weight;
      else if (step.state === 'running')
        done += weight * (step.total > 0
          ? Math.min(1, step.done / step.total) : 0.5);
    }
    return whole ? done / whole : 0;
  },

  words(me) {
    const job = this.attributes;
    const args = job.arguments || {};
    const about = subject(job.kind, args);
    return {
      ...job, ...about, href: `#/jobs/${job.id}`, tag: tags[job.state] || '',
      live: this.live(), queued: job.state === 'queued',
      running: job.state === 'running',
      unsettled: job.state === 'unsettled',
      failed: job.state === 'failed', who: me.call(job.user),
      data_href: !job.server && job.application &&
        `#/data/${encodeURIComponent(job.application)}`,
      said: ended(job.kind, job.state, job.failed_step),
      server_href: job.server &&
        `#/servers/${encodeURIComponent(job.server)}`,
      revision: job.kind === 'undo' ? about.revision
        : revision(job.revision || args.revision),
      data: data_words(job, about),
      at_rest: rests[job.kind] || '',
      // The result of a job without a server of its own: a generation, or that
      // there was nothing newer.
      said_at_end: job.kind !== 'build' && job.state === 'succeeded' &&
        job.detail,
      place: job.waits_for && job.waits_for.place > 0 &&
        ordinal(job.waits_for.place),
      waiting: waiting(job.waits_for),
      took: typeof job.duration_ms === 'number' && span(job.duration_ms),
      progress: this.progress().toFixed(3), link: safe_link(job.url),
      steps: (job.steps || []).map(step_words),
    };
  },
});

function data_words({ kind, arguments: args, configuration }, about) {
  if (kind === 'undo') return { at: about.to_data_at };
  if (kind && kind !== 'build' && kind !== 'preview') return {};
  const { database } = args || {};
  if (!database || database === 'none') return { kept: true };
  const at = configuration && data_instant(configuration.database);
  return { at: at || null, newest: !at && database === 'newest' };
}

const step_marks = { waiting: 'wait', running: 'run', done: 'done',
  failed: 'bad', skipped: 'skip' };

function step_words(step) {
  return { ...step, mark: step_marks[step.state] || 'wait',
    took: typeof step.ms === 'number' && span(step.ms),
    usual: step.state === 'waiting' && step.usual_ms > 0 &&
      span(step.usual_ms),
    amount: step.state === 'running' && step.total > 0 && amount(step),
    running: step.state === 'running' };
}

function amount({ done, total, unit }) {
  if (unit === 'bytes') return `${size(done || 0)} of ${size(total)}`;
  return `${done || 0} of ${total} ${unit || ''}`.trim();
}

// The short form, in a row and in the queue.
export function job_short_words(job) {
  const queued = job.state === 'queued';
  const waits = job.waits_for;
  return {
    ...job, href: `#/jobs/${job.id}`, queued,
    verb: job.kind && job.kind !== 'build' ? job.kind : '',
    what: queued ? `queued${waits && waits.place > 0
      ? `, ${ordinal(waits.place)}` : ''}`
      : job.state === 'unsettled' ? 'unsettled'
        // The name of a one-step job already names the step.
        : job.step && job.step !== job.kind ? job.step : 'running',
    tag: tags[job.state] || '',
    progress: typeof job.progress === 'number' ? job.progress.toFixed(3)
      : null,
    has_progress: !queued && typeof job.progress === 'number',
    waiting: waiting(waits),
    expected_as: queued ? 'starts' : 'eta',
    expected: queued ? waits && waits.expected_start : job.expected_end,
  };
}

// How the last job ended: one line of a row.
export function last_job_words(last, me) {
  return {
    ...last, href: `#/jobs/${last.id}`, who: me.call(last.user),
    good: last.outcome === 'succeeded', bad: last.outcome === 'failed',
    cancelled: last.outcome === 'cancelled',
    said: ended(last.kind, last.outcome, last.failed_step),
    took: typeof last.duration_ms === 'number' && span(last.duration_ms),
  };
}
