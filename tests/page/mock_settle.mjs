// SPDX-License-Identifier: GPL-2.0-or-later
// What ended jobs leave behind in the mock: configurations, undos, bases and
// history lines. settle() is called before every answer.
import { full_job, state_of } from './mock_jobs.mjs';
import { end_on_machine } from './mock_machine_settle.mjs';
import { at, generation } from './mock_world.mjs';

const live = (state) => ['queued', 'running'].includes(state);
const words = { build: 'built', undo: 'undone', keep: 'kept',
  refresh: 'refreshed' };

const looks = ['preview', 'check'];
const machines = ['power', 'snapshot', 'provision'];

// What has only looked leaves no line on its server.
function end_machine(world, job, full, good) {
  const event = end_on_machine(world, job, full, good);
  job.detail = full.detail;
  const server = world.servers.find((s) => s.name === job.server);
  if (looks.includes(job.kind) || !server) return;
  server.last_job = last_job(job, full);
  world.remember(job.server, event, job.user, full.detail,
    summary(job, full));
}

export function settle(world) {
  for (const job of world.jobs) {
    const state = state_of(job);
    if (job.ended || live(state)) continue;
    job.ended = state;
    const full = full_job(job);
    const event = state === 'succeeded' ? words[job.kind]
      : `${job.kind}_${state}`;
    if (looks.includes(job.kind) || machines.includes(job.kind))
      end_machine(world, job, full, state === 'succeeded');
    else if (job.server) end_on_server(world, job, full, event);
    else end_refresh(world, job, full, event);
  }
}

const summary = (job, full, more = {}) => ({ id: job.id, kind: job.kind,
  outcome: full.state, failed_step: full.failed_step, detail: full.detail,
  user: job.user, application: job.application, arguments: job.arguments,
  revision: full.revision, created_at: full.created_at,
  started_at: full.started_at, finished_at: full.finished_at,
  duration_ms: full.duration_ms, steps: full.steps.map(
    ({ name, state, ms }) => ({ name, state, ms })), ...more });

const last_job = (job, full) => ({ id: job.id, kind: job.kind,
  outcome: full.state, failed_step: full.failed_step, detail: full.detail,
  user: job.user, finished_at: full.finished_at,
  duration_ms: full.duration_ms });

// What an undo would go back to.
const undo_to = (job, before) => (before &&
  before.application === job.application ? { job: job.id, user: job.user,
    until: at(3600e3), keep_until: at(7 * 86400e3), configuration: {
      application: before.application, path: before.path,
      revision: before.revision,
      generation: before.database && before.database.generation,
      data_at: before.database && before.database.data_at } } : null);

function end_on_server(world, job, full, event) {
  const server = world.servers.find((s) => s.name === job.server);
  const before = server.configuration, good = full.state === 'succeeded';
  if (job.kind === 'keep' && good)
    server.undo.until = at(job.arguments.hours * 3600e3);
  if (job.kind === 'build' && (good || job.fails === 'verify'))
    server.configuration = built(job, full, before);
  if (job.kind === 'undo' && good)
    server.configuration = { ...before, ...job.arguments.previous,
      job: job.id, user: job.user, built_at: full.finished_at,
      verified: true };
  if (job.kind !== 'keep' && server.configuration !== before)
    server.undo = undo_to(job, before);
  server.last_job = last_job(job, full);
  world.remember(job.server, event, job.user, full.detail,
    summary(job, full));
}

function built(job, full, before) {
  const args = job.arguments;
  return { application: args.application, path: args.path,
    revision: full.revision, kind: 'svn', slot: 'b',
    database: args.database === 'none' ? before && before.database
      : { cluster: 'db1', name: `shop_${job.server}`, oid: 2,
        generation: '20261122024100', data_at: at(-6 * 3600e3) },
    templates: 'b01d', user: job.user, note: args.note || '', job: job.id,
    built_at: full.finished_at, verified: full.state === 'succeeded',
    url: full.url };
}

function end_refresh(world, job, full, event) {
  const application = world.applications.find((a) =>
    a.name === job.application);
  const good = full.state === 'succeeded';
  const made = good ? generation(0) : null;
  const detail = good ? `generation ${made} with the dump of ${at(0)}`
    : full.detail;
  if (good) {
    application.bases = [{ generation: made, published_at: at(0),
      data_at: at(0), size: 38.2e9, database: `berth_0a1b2c3d_b_${made}` },
    ...application.bases].slice(0, application.generations_kept);
    application.spares = 0;
  }
  application.last_refresh = { job: job.id, at: at(0), outcome: full.state,
    user: job.user, failed_step: full.failed_step, detail, generation: made,
    committed: good };
  world.remember_data(job.application, event, job.user, detail, summary(job,
    full, { detail, generation: made, committed: good }));
}
