// SPDX-License-Identifier: GPL-2.0-or-later
// The mock's API: a table of method, pattern, function over the invented
// world. Only what the page asks for, and only as strict as the page's tests
// need.
import { full_job, log_of, new_job, short_job, state_of }
  from './mock_jobs.mjs';
import { machine_routes, only_looks } from './mock_machine.mjs';
import { settle } from './mock_settle.mjs';
import { at, path_list } from './mock_world.mjs';

const problem = (status, title, detail, extra = {}) => ({ status,
  body: { type: 'about:blank', title, status, detail, ...extra } });
const ok = (body) => ({ status: 200, body });
const live = (job) => ['queued', 'running'].includes(state_of(job));

const routes = [
  ['GET', /^me$/, (w) => ok(w.me)],
  ['GET', /^health$/, (w) => ok({ ...w.health })],
  ...machine_routes,
  ['GET', /^servers$/, (w) => ok({ servers: w.servers })],
  ['GET', /^hosts$/, (w) => ok({ hosts: w.hosts })],
  ['GET', /^clusters$/, (w) => ok({ clusters: w.clusters })],
  ['GET', /^applications$/, (w) => ok({ applications: w.applications })],
  ['GET', /^applications\/([^/]+)\/paths$/, (w, r, name) => ok({
    application: name, truncated: false, paths: w.paths
      ? w.paths : path_list(name) })],
  ['GET', /^queue$/, (w) => ok({ jobs: w.jobs.filter(live)
    .map(short_job) })],
  ['GET', /^jobs$/, (w) => ok({ jobs: [...w.jobs.map((j) => {
    const { steps, ...rest } = full_job(j);
    return rest;
  }), ...w.servers.filter((s) => s.last_job &&
    s.last_job.id < 1482).map(old_job)].sort((a, b) => b.id - a.id) })],
  ['GET', /^jobs\/(\d+)$/, (w, r, n) => with_job(w, n, (job) => ok(
    full_job(job)))],
  ['GET', /^jobs\/(\d+)\/log$/, (w, r, n) => with_job(w, n, (job) => ({
    status: 200, headers: { 'X-Berth-Finished': String(!live(job)) },
    bytes: Buffer.from(w.log || log_of(job)).subarray(
      Number(r.query.get('from') || 0)) }))],
  ['DELETE', /^jobs\/(\d+)$/, (w, r, n) => with_job(w, n, (job) => {
    if (!live(job)) return problem(409, 'Too late',
      `Job ${n} has ended; there is nothing to cancel.`);
    job.cancelled = Date.now();
    return { status: 204 };
  })],
  ['GET', /^servers\/([^/]+)\/history$/, (w, r, name) => ok({
    server: name, ...some_lines(w.histories[name], r) })],
  ['GET', /^applications\/([^/]+)\/history$/, (w, r, name) => ok({
    application: name, ...some_lines(w.data_histories[name], r) })],
  ['POST', /^applications\/([^/]+)\/refresh$/, refresh],
  ['POST', /^servers\/([^/]+)\/undo$/, (w, r, name) => go_back(w, name,
    'undo', (undo) => ({ job: undo.job, checkout: true,
      database: undo.until !== null, previous: { ...undo.configuration,
        database: undo.configuration.generation && { cluster: 'db1',
          name: `shop_${name}`, oid: 3, ...undo.configuration } } }))],
  ['PUT', /^servers\/([^/]+)\/undo$/, (w, r, name) => go_back(w, name,
    'keep', () => ({ hours: r.body.hours }))],
  ['PUT', /^servers\/([^/]+)\/reservation$/, reserve],
  ['DELETE', /^servers\/([^/]+)\/reservation$/, (w, r, name) =>
    with_server(w, name, (server) => {
      if (w.health.runner === 'away') return away();
      server.hold = null;
      w.remember(name, 'released', w.me.user);
      return { status: 204 };
    })],
  ['POST', /^servers\/([^/]+)\/builds$/, build],
  ['GET', /^drops\/([0-9a-f]+)$/, (w, r, token) => (w.drops[token]
    ? ok({ token, ...w.drops[token] })
    : problem(404, 'Not found', 'There is no such request.'))],
];

export function answer(world, request) {
  settle(world);
  for (const server of world.servers) {
    const job = world.jobs.find((j) => j.server === server.name &&
      live(j) && !only_looks(j.kind));
    server.job = job ? short_job(job) : null;
  }
  for (const application of world.applications) {
    const job = world.jobs.find((j) => j.kind === 'refresh' &&
      j.application === application.name && live(j));
    if ('can_refresh' in application)
      application.refresh = job ? short_job(job) : null;
  }
  for (const [method, pattern, handle] of routes) {
    const match = pattern.exec(request.path);
    if (match && method === request.method)
      return handle(world, request, ...match.slice(1));
  }
  return problem(404, 'Not found', `There is no ${request.path} here.`);
}

function some_lines(lines = [], { query }) {
  const before = Number(query.get('before') || Infinity);
  const all = lines.filter((l) => l.seq < before);
  const page = all.slice(0, 20);
  return { lines: page, before: all.length > 20 ? page[19].seq : null };
}

const accepted = (job) => ({ status: 201, body: { job: job.id,
  server: job.server, token: '00', detail: `Job ${job.id}.` } });

function refresh(world, { body }, name) {
  if (!world.me.admin) return problem(403, 'Forbidden', 'only an admin ' +
    'may refresh an application\'s data ([console] admins in berth.conf); ' +
    'ask an admin');
  return accepted(new_job(world, { kind: 'refresh', application: name,
    user: world.me.user, arguments: { again: false, ...body },
    pace: world.pace || 1, fails: world.fails || null }));
}

function go_back(world, name, kind, arguments_for) {
  return with_server(world, name, (server) => {
    if (!server.undo) return problem(409, 'Conflict',
      `${name} has no configuration`);
    return accepted(new_job(world, { kind, server: name,
      application: server.configuration.application, user: world.me.user,
      arguments: arguments_for(server.undo), fails: world.fails || null }));
  });
}

function old_job({ name, last_job: last, configuration: on }) {
  return { ...last, state: last.outcome, server: name, application:
    on.application, arguments: { application: on.application,
    path: on.path, database: last.database || 'newest' }, revision: on.revision,
  created_at: last.finished_at };
}

function with_job(world, number, use) {
  const job = world.jobs.find((j) => j.id === Number(number));
  return job ? use(job) : problem(404, 'Not found',
    `There is no job ${number}.`);
}

function with_server(world, name, use) {
  const server = world.servers.find((s) => s.name === name);
  return server ? use(server) : problem(404, 'Not found',
    `There is no server ${name}.`);
}

const away = () => ({ ...problem(503, 'Service Unavailable', 'berthd is not ' +
  'running, so holds cannot be decided. Try again in a minute.'),
headers: { 'Retry-After': '30' } });

function reserve(world, { body }, name) {
  return with_server(world, name, (server) => {
    if (world.health.runner === 'away') return away();
    const { user } = world.me;
    if (server.hold && server.hold.user !== user && !body.take_over)
      return problem(409, 'Held', `${name} is held by ${server.hold.user}` +
        ` until ${server.hold.until}; take a free one, or ask ${
          server.hold.user}`, {
        holder: server.hold.user, until: server.hold.until,
        free: world.servers.filter((s) => !s.hold).map((s) => s.name) });
    const extends_it = server.hold && server.hold.user === user;
    server.hold = { user, since: at(0), until: at(body.hours * 3600e3),
      note: body.note || '', job: null, release: 'never' };
    world.remember(name, extends_it ? 'extended' : 'reserved', user);
    return { status: extends_it ? 200 : 201,
      body: { server: name, hold: server.hold } };
  });
}

function keep(world, body, name) {
  const token = 'ab'.repeat(16);
  world.drops[token] = { state: 'submitted', status: null, detail: '',
    job: null, server: name };
  world.kept = { body, name, token };
  return { status: 202, body: { token, detail: 'berthd is not running; stored' } };
}

function build(world, { body }, name) {
  return with_server(world, name, (server) => {
    if (/[ ;]/.test(body.path || '')) return problem(400, 'Bad request',
      `"${body.path}" cannot be a path: it has a blank in it.`,
      { member: 'path' });
    // Whatever it would be refused for, when the runner is back it decides.
    if (world.health.runner === 'away') return keep(world, body, name);
    const { user } = world.me;
    const names = world.machines[name].snapshots.map((s) => s.name);
    if (body.revert && !names.includes(body.revert))
      return problem(409, 'Conflict', `${name} has no snapshot ` +
        `${body.revert}; its snapshots are in 'snapshots'`,
        { snapshots: names });
    const kept = world.applications.find((a) => a.name === body.application)
      .bases.map((b) => b.generation);
    if (world.gone || (/^\d/.test(body.database) &&
        !kept.includes(body.database)))
      return problem(409, 'Conflict', `there is no base ${body.database} of ` +
        `${body.application}; bases: ${(world.gone || kept).join(', ')}`, {
        generations: world.gone || kept });
    const { path, revision } = server.configuration || {};
    const asked = body.checkout ? body : { ...body, path, revision };
    const job = new_job(world, { server: name, user, arguments: asked,
      fails: world.fails || null });
    if (!server.hold) {
      server.hold = { user, since: at(0), until: at(8 * 3600e3),
        note: body.note || '', job: null, release: 'never' };
      world.remember(name, 'reserved', user);
    }
    return { status: 201, body: { job: job.id, server: name, token: '00',
      detail: `Job ${job.id}.` } };
  });
}
