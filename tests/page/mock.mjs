// SPDX-License-Identifier: GPL-2.0-or-later
// A MOCK of the console, for developing the page and for the tests of the
// page alone (page.test.mjs): it serves htdocs/ with the Content-Security-
// Policy that the shipped Apache conf sends, Debian's libjs under lib/, and
// an invented API that lives in memory. Nothing here shows that Berth works;
// journey.test.mjs does, against the real console.
//
// node mock.mjs [PORT]   prints its address and runs until stopped.
// start_mock() -> {url, world, seen, close()}; tests change `world` (silent,
// runner, hostile data) and read `seen` (requests, CSP reports excluded).
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answer } from './mock_api.mjs';
import { new_job } from './mock_jobs.mjs';
import { new_machine } from './mock_machine.mjs';
import { at, new_applications, new_clusters, new_hosts, new_servers }
  from './mock_world.mjs';

export const policy = "default-src 'none'; script-src 'self'; " +
  "style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "font-src 'self'; form-action 'self'; base-uri 'none'; " +
  "frame-ancestors 'none'";
const htdocs = fileURLToPath(new URL('../../htdocs/', import.meta.url));
const types = { '.html': 'text/html; charset=utf-8', '.js':
  'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml',
'.mustache': 'text/plain; charset=utf-8' };

export function new_world({ busy = true } = {}) {
  const world = { me: { user: 'alice', admin: false, default_hold_hours: 8,
    longest_hold_hours: 120, title: 'QA test servers' }, silent: false,
  health: { runner: 'up', detail: '', version: '0.1', draining: false },
  servers: new_servers(1460), hosts: new_hosts(), jobs: [], next_job: 1482,
  applications: new_applications(), clusters: new_clusters(), drops: {},
  histories: {}, data_histories: {}, seq: 100 };
  world.remember = (name, event, user, detail = '', job = undefined,
    when = at(0)) => {
    const server = world.servers.find((s) => s.name === name);
    const line = { seq: world.seq += 1, at: when, event, user, detail,
      cause: {}, hold: server.hold, configuration: server.configuration };
    (world.histories[name] = world.histories[name] || []).unshift(
      job ? { ...line, job } : line);
  };
  world.remember_data = (name, event, user, detail, job, when = at(0)) => {
    (world.data_histories[name] = world.data_histories[name] || []).unshift({
      seq: world.seq += 1, at: when, event, user, detail, cause: {},
      hold: null, configuration: null, job });
  };
  world.machines = Object.fromEntries(world.servers.map((s, index) =>
    [s.name, new_machine(s, index)]));
  for (const s of world.servers) begin_history(world, s);
  for (const a of world.applications) begin_data_history(world, a);
  if (busy) begin_jobs(world);
  return world;
}

function begin_history(world, { name, configuration: on, last_job, hold }) {
  if (!on) return;
  const job = { ...last_job, arguments: { application: on.application,
    path: on.path, database: 'newest', checkout: true },
  revision: on.revision, steps: [] };
  const server = world.servers.find((s) => s.name === name);
  server.configuration = null;
  world.remember(name, 'built', 'bob', '', { ...job, id: job.id - 100,
    outcome: 'succeeded', user: 'bob', revision: '4011' }, at(-4 * 86400e3));
  world.remember(name, 'released', 'bob', '', undefined, at(-3 * 86400e3));
  if (hold) world.remember(name, 'reserved', hold.user, '', undefined,
    hold.since);
  server.configuration = on;
  world.remember(name, last_job.outcome === 'failed' ? 'build_failed'
    : 'built', on.user, last_job.detail, job, on.built_at);
}

function begin_data_history(world, { name, bases, last_refresh: last }) {
  const line = (event, ms, job) => world.remember_data(name, event,
    job.user || 'berth', job.detail, { user: 'berth', failed_step: null,
      arguments: {}, created_at: at(ms), started_at: at(ms),
      finished_at: at(ms), steps: [], committed: true, ...job }, at(ms));
  for (const [n, b] of [...bases].reverse().entries()) {
    const ms = Date.parse(b.published_at) - Date.now();
    line('refreshed', ms, { id: 1300 + n, kind: 'refresh', outcome:
      'succeeded', generation: b.generation, duration_ms: 754e3,
    detail: `generation ${b.generation} of ${name}` });
    line('spare_made', ms, { id: 1310 + n, kind: 'spare', outcome:
      'succeeded', arguments: { generation: b.generation },
    duration_ms: 41e3, detail: `${name}: a spare is ready` });
  }
  if (last && last.outcome === 'failed')
    line('refresh_failed', -60e3, { ...last, id: last.job,
      kind: 'refresh', duration_ms: 201e3 });
}

function begin_jobs(world) {
  const ask = (server, user, application, path, more) => new_job(world, {
    server, user, arguments: { application, path, database: 'newest',
      checkout: true }, ...more });
  ask('qa1', 'alice', 'shop', 'branches/checkout-2', { pace: 40 });
  ask('qa4', 'bob', 'shop', 'branches/search', { pace: 200 });
  ask('qa9', 'ci-portal', 'portal', 'feature/sso', { waits_for: {
    claim: 'copies:db1', holder: 1483, holder_user: 'bob', place: 2,
    expected_start: at(40e3) } });
  world.jobs[0].created -= 42e3;
  world.jobs[1].created -= 130e3;
  world.servers.find((s) => s.name === 'qa9').hold.job = 1484;
}

async function file(root, path, reply) {
  const name = normalize(`/${path}`);
  const body = await readFile(join(root, name));
  reply.writeHead(200, { 'Content-Type': types[extname(name)] ||
    'application/octet-stream', 'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff' });
  reply.end(body);
}

async function serve(world, seen, request, reply) {
  const url = new URL(request.url, 'http://mock');
  const path = decodeURIComponent(url.pathname);
  if (path.startsWith('/berth/api/'))
    return api(world, seen, url, path.slice(11), request, reply);
  try {
    if (path === '/berth/') return await file(htdocs, 'index.html', reply);
    if (path.startsWith('/berth/lib/'))
      return await file('/usr/share/javascript', path.slice(11), reply);
    if (path.startsWith('/berth/'))
      return await file(htdocs, path.slice(7), reply);
  } catch (error) { /* not there */ }
  reply.writeHead(404);
  return reply.end();
}

async function api(world, seen, url, path, request, reply) {
  let text = '';
  for await (const chunk of request) text += chunk;
  if (world.silent) return request.socket.destroy();
  const { status, body, headers = {}, bytes } = answer(world,
    { method: request.method, path, query: url.searchParams,
      body: text ? JSON.parse(text) : null, headers: request.headers });
  const out = bytes || (body === undefined ? '' : JSON.stringify(body));
  const etag = `"${createHash('md5').update(out).digest('hex')}"`;
  const same = status === 200 && !bytes &&
    request.headers['if-none-match'] === etag;
  seen.push({ method: request.method, path, body: text && JSON.parse(text),
    key: request.headers['idempotency-key'], status: same ? 304 : status });
  reply.writeHead(same ? 304 : status, { ETag: etag, 'Content-Type': bytes
    ? 'text/plain; charset=utf-8' : status >= 400
      ? 'application/problem+json' : 'application/json', ...headers });
  return reply.end(same || status === 204 ? undefined : out);
}

export async function start_mock({ port = 0, ...options } = {}) {
  const world = new_world(options), seen = [];
  const server = createServer((request, reply) =>
    serve(world, seen, request, reply).catch((error) => {
      console.error(error);
      reply.destroy();
    }));
  await new Promise((done) => server.listen(port, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}/berth/`, world,
    seen, close: () => new Promise((done) => {
      server.closeAllConnections();
      server.close(done);
    }) };
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  console.log((await start_mock({ port: Number(process.argv[2] || 0) })).url);
