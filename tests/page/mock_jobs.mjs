// SPDX-License-Identifier: GPL-2.0-or-later
// The mock's runner: jobs that go through their steps by the clock. A job's
// state is computed from its age whenever somebody asks, so there are no
// timers. `pace` stretches time (a job of pace 20 is good for looking at).
import { at } from './mock_world.mjs';

const plans = {
  build: [['preflight', 150], ['database', 400], ['checkout', 600],
    ['render', 60], ['prepare', 400], ['switch', 80], ['restart', 80],
    ['verify', 150]],
  undo: [['preflight', 100], ['switch', 80], ['restart', 80],
    ['verify', 150]],
  keep: [['keep', 50]],
  refresh: [['fetch', 200], ['restore', 500], ['scrub', 200],
    ['vacuum', 200], ['assert', 100], ['publish', 50]],
  power: [['power', 200], ['answer', 150]],
  snapshot: [['snapshot', 200]],
  preview: [['preflight', 150], ['render', 50], ['compare', 150]],
  check: [['check', 300]],
  provision: [['check', 60], ['disk', 60], ['seed', 60], ['define', 60],
    ['start', 60], ['enrol', 200], ['tidy', 30]],
};

// A build may go back to a snapshot first.
const plan_of = (job) => (job.kind === 'build' && job.arguments.revert
  ? [['revert', 100], ...plans.build] : plans[job.kind]);

export function new_job(world, { server, user, arguments: args, pace = 1,
  waits_for = null, fails = null, kind = 'build',
  application = args.application }) {
  const job = { id: world.next_job, kind, server, user, application,
    arguments: args, created: Date.now(),
    pace, waits_for, fails, cancelled: false, ended: null };
  world.next_job += 1;
  world.jobs.push(job);
  return job;
}

const revision_of = (job) => job.arguments.revision ||
  (job.kind === 'build' ? '4190' : null);

export function steps_of(job) {
  let before = 0;
  const age = (job.cancelled || Date.now()) - job.created;
  let broken = false;
  return plan_of(job).map(([name, ms]) => {
    const from = before, long = ms * job.pace;
    before += long;
    const step = { name, state: 'waiting', started_at: null, ms: null,
      done: null, total: null, unit: null, message: null, usual_ms: ms };
    if (broken) return { ...step, state: 'skipped' };
    if (job.waits_for || age < from) return step;
    step.started_at = new Date(job.created + from).toISOString();
    if (age < from + long) {
      step.state = job.cancelled ? 'failed' : 'running';
      if (name === 'checkout')
        Object.assign(step, { done: Math.floor(153 * (age - from) / long),
          total: 153, unit: 'files' });
      if (name === 'restore')
        Object.assign(step, { done: Math.floor(38e9 * (age - from) / long),
          total: 38e9, unit: 'bytes', message: 'syncing' });
      return step;
    }
    step.ms = long;
    step.state = job.fails === name ? 'failed' : 'done';
    broken = step.state === 'failed';
    if (name === 'checkout') step.message = '153 files changed';
    if (name === 'prepare') step.message = '1 migration';
    return step;
  });
}

export function state_of(job) {
  if (job.waits_for) return job.cancelled ? 'cancelled' : 'queued';
  if (job.cancelled) return 'cancelled';
  const steps = steps_of(job);
  if (steps.some((s) => s.state === 'failed')) return 'failed';
  return steps.every((s) => s.state === 'done') ? 'succeeded' : 'running';
}

const whole = (job) => job.pace * plan_of(job).reduce(
  (sum, [, ms]) => sum + ms, 0);
const instant = (ms) => new Date(ms).toISOString();

export function short_job(job) {
  const running = steps_of(job).find((s) => s.state === 'running');
  const state = state_of(job);
  return { id: job.id, kind: job.kind, state, step: running
    ? running.name : null, progress: state === 'running'
    ? Math.min(0.99, (Date.now() - job.created) / whole(job)) : null,
  expected_end: state === 'running' ? instant(job.created + whole(job))
    : null, user: job.user, application: job.application,
  path: job.arguments.path || null, server: job.server || null,
  waits_for: job.waits_for };
}

export function full_job(job, configuration = null) {
  const state = state_of(job), steps = steps_of(job);
  const ended = !['queued', 'running'].includes(state);
  const failed = steps.find((s) => s.state === 'failed');
  const end = job.cancelled || job.created + whole(job);
  return { ...short_job(job), arguments: job.arguments,
    revision: state === 'queued' ? null : revision_of(job),
    created_at: instant(job.created),
    started_at: state === 'queued' ? null : instant(job.created),
    finished_at: ended ? instant(end) : null,
    duration_ms: ended ? end - job.created : null, steps,
    failed_step: state === 'failed' && failed ? failed.name : null,
    detail: job.detail || (state === 'failed' ? 'GET / answered 500.' : null),
    cancellable: !ended, configuration,
    url: ['build', 'undo'].includes(job.kind)
      ? `http://${job.server}.qa.example.com/` : null };
}

export function log_of(job) {
  const lines = [];
  for (const step of steps_of(job)) {
    if (step.state === 'waiting') break;
    const t = step.started_at;
    lines.push(`${t} ${step.name} started`);
    if (step.name === 'preflight' && job.kind === 'build')
      lines.push(`${t} preflight ${job.arguments.path} resolves to ` +
        revision_of(job));
    if (step.name === 'prepare')
      lines.push(`${t} prepare $ manage.py migrate --noinput`,
        `${t} prepare   Applying orders.0042_größe... OK`);
    if (step.state === 'done')
      lines.push(`${t} ${step.name} done in ${step.ms} ms`);
    if (step.state === 'failed')
      lines.push(`${t} ${step.name} failed: HTTP 500`,
        'ProgrammingError at /: column <orders.slot> does not exist');
  }
  return lines.map((line) => `${line}\n`).join('');
}
