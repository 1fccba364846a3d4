// SPDX-License-Identifier: GPL-2.0-or-later
// The mock's machines: power, snapshots, previews, checks, new servers. Bodies
// and refusals are worded as src/web and src/runner word them.
import { new_job, state_of } from './mock_jobs.mjs';
import { at } from './mock_world.mjs';

const GiB = 2 ** 30;
const problem = (status, title, detail, extra = {}) => ({ status,
  body: { type: 'about:blank', title, status, detail, ...extra } });
const ok = (body) => ({ status: 200, body });
const live = (job) => ['queued', 'running'].includes(state_of(job));
// Those are no job of the server's on the board.
export const only_looks = (kind) => ['preview', 'check'].includes(kind);

export const snapshot = (name, ms, more = {}) => ({ name, created: at(ms),
  state: 'running', current: false, note: null, job: null, ...more });

// What GET /servers leaves out of one.
export function new_machine({ name, state, addresses }, index) {
  return { addresses_from: addresses.length ? 'lease' : null,
    since: state === 'running' ? at(-(index + 1) * 7 * 3600e3) : null,
    vcpus: 2, memory: 2 * GiB, disk_capacity: 20 * GiB,
    disk_allocation: 3.25 * GiB, snapshots: { qa2: [
      snapshot('clean', -6 * 86400e3, { note: 'as delivered', job: 1301,
        state: 'shutoff' }),
      snapshot('before-vat', -26 * 3600e3, { job: 1440, current: true })],
    qa7: [snapshot('clean', -6 * 86400e3, { job: 1302 })] }[name] || [] };
}

function find(world, name, use) {
  const server = world.servers.find((s) => s.name === name);
  return server ? use(server, world.machines[name]) : problem(404,
    'Not Found', `there is no server ${name}`);
}

const accepted = (job, detail) => ({ status: 201,
  headers: { Location: `/berth/api/jobs/${job.id}` }, body: { job: job.id,
    server: job.server, token: '00', detail: `job ${job.id} ${detail}` } });

const work_on = (world, name) => world.jobs.find((j) => j.server === name &&
  live(j) && !only_looks(j.kind));

// As refuse_state() and refuse_not_yours() of src/runner/decide/.
function whose(world, server, free_is_ours, what) {
  const { name, hold } = server, { user, admin } = world.me;
  if (!server.fresh)
    return problem(409, 'Conflict', `${name} cannot be used now: ${
      server.stale_reason}`);
  if (!admin && !hold && !free_is_ours)
    return problem(403, 'Forbidden', `${name} is free: reserve it ` +
      'first, or ask an admin');
  if (!admin && hold && hold.user !== user)
    return problem(403, 'Forbidden', `${name} is held by ${
      hold.user} until ${hold.until}; only the holder or an admin may ${what}`,
    { holder: hold.user, until: hold.until });
  return null;
}

const must_run = ({ name, state }) => (state === 'running' ? null
  : problem(409, 'Conflict', `${name} is ${state}, but must be ` +
    'running; start it'));

function in_the_way(world, name, then) {
  const job = work_on(world, name);
  return job ? problem(409, 'Conflict', `job ${job.id} on ${name} ` +
    `has not ended; cancel it or wait for it, then ${then}`,
  { job: job.id }) : null;
}

const told = { start: 'starts', reboot: 'reboots', reset: 'resets',
  take: 'takes', revert: 'reverts to', delete: 'deletes' };

function power(world, { body }, name) {
  return find(world, name, (server) => {
    const { action, force = false } = body;
    const no = (['reboot', 'reset'].includes(action) && must_run(server)) ||
      whose(world, server, true, 'use its power');
    if (no) return no;
    return in_the_way(world, name, action) || accepted(new_job(world, {
      kind: 'power', server: name, user: world.me.user, application: '',
      arguments: { action, force }, pace: world.pace || 1,
      fails: world.fails || null }), `${force ? 'forces off'
      : told[action] || 'shuts down'} ${name}`);
  });
}

function use_snapshot(world, server_name, action, name, note = '') {
  return find(world, server_name, (server, machine) => {
    const names = machine.snapshots.map((s) => s.name);
    const no = whose(world, server, false, 'use its snapshots') ||
      in_the_way(world, server_name, 'try again');
    if (no) return no;
    if (action === 'take' && names.includes(name))
      return problem(409, 'Conflict', `${server_name} already ` +
        `has a snapshot ${name}; delete it, or choose another name`);
    if (action !== 'take' && !names.includes(name))
      return problem(404, 'Not Found', `${server_name} has no ` +
        `snapshot ${name}; its snapshots are in 'snapshots'`,
      { snapshots: names });
    return accepted(new_job(world, { kind: 'snapshot', server: server_name,
      user: world.me.user, application: '', fails: world.fails || null,
      arguments: { action, name, ...(action === 'take' && { note }) } }),
    `${told[action]} snapshot ${name} of ${server_name}`);
  });
}

function preview(world, { body }, name) {
  return find(world, name, (server) => {
    for (const member of ['release', 'revert'])
      if (member in body) return problem(400, 'Bad Request',
        `${member}: a preview changes nothing`, { member });
    if (/[^\w./-]/.test(body.path)) return problem(400, 'Bad Request',
      'path: has control characters', { member: 'path' });
    return accepted(new_job(world, { kind: 'preview', server: server.name,
      user: world.me.user, application: body.application, arguments: body,
      pace: world.pace || 1, fails: world.fails || null }),
    `previews a build of ${body.application} on ${name}`);
  });
}

export const preview_files = [
  { path: 'etc/apache2/sites-available/shop.conf', state: 'same',
    mode: '0644', owner: 'root:root', text: '<VirtualHost *:80>\n' +
      '  WSGIScriptAlias / /etc/shop/site.wsgi\n</VirtualHost>\n', diff: '',
    left_out: null },
  { path: 'etc/shop/settings.py', state: 'changed', mode: '0640',
    owner: 'root:www-data', text: "SECRET_KEY = '*****'\n--DEBUG\n" +
      "BERTH_REVISION = '4188'\n", diff: '--- a/etc/shop/settings.py\n' +
      '+++ b/etc/shop/settings.py\n@@ -1,4 +1,3 @@\n' +
      " SECRET_KEY = '*****'\n---DEBUG\n-BERTH_REVISION = '4190'\n" +
      "+BERTH_REVISION = '4188'\n", left_out: null },
  { path: 'etc/shop/site.wsgi', state: 'new', mode: null, owner: null,
    text: 'import os\n', diff: '--- /dev/null\n+++ b/etc/shop/site.wsgi\n' +
      '@@ -0,0 +1 @@\n+import os\n', left_out: null },
  { path: 'etc/shop/words.json', state: 'changed', mode: '0644',
    owner: 'root:root', text: null, diff: null,
    left_out: 'longer than 256 KiB' }];

function found(world, number) {
  const job = world.jobs.find((j) => j.id === Number(number));
  if (!job || job.kind !== 'preview') return problem(404, 'Not Found',
    `job ${number} is not a preview; POST to servers/SERVER/previews ` +
    'to start one');
  if (live(job)) return { status: 202, body: { id: job.id, state: 'running',
    server: job.server, application: job.application } };
  const { application, path, revision } = job.arguments;
  return ok({ job: job.id, server: job.server, application, path,
    revision: revision || '4190', generation: '20261122024100', at: at(0),
    pending: null, files: world.preview || preview_files });
}

function provision(world, { body }) {
  const { server, host, image } = body;
  const bad = (member, detail, extra) => problem(extra ? 404 : 400,
    extra ? 'Not Found' : 'Bad Request', detail, extra || { member });
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(server))
    return bad('server', "'server' must be a lower-case letter, then " +
      "letters, digits and '-', at most 31 characters");
  if (!world.me.admin) return problem(403, 'Forbidden', 'only an admin ' +
    'may create a server ([console] admins in berth.conf); ask an admin');
  const known = world.hosts.find((h) => h.name === host);
  if (!known.images.includes(image)) return bad('image', `host ${host} has ` +
    `no image ${image}`, { images: known.images });
  const there = world.servers.find((s) => s.name === server);
  if (there) return problem(409, 'Conflict', `${server} is already a ` +
    `server of host ${there.host}`);
  if (!known.fresh) return problem(409, 'Conflict', `host ${host} is ` +
    `unreachable: ${known.reason}`);
  return accepted(new_job(world, { kind: 'provision', server, application: '',
    user: world.me.user, arguments: { host, image },
    fails: world.fails || null }),
  `creates ${server} on host ${host} from image ${image}`);
}

function check(world, request, name) {
  return find(world, name, (server) => {
    const no = must_run(server);
    if (no) return no;
    return accepted(new_job(world, { kind: 'check', server: name,
      user: world.me.user, application: server.configuration.application,
      arguments: { build: server.configuration.job }, pace: world.pace || 1,
      fails: world.fails || null }), `checks ${name}`);
  });
}

export const machine_routes = [
  ['POST', /^servers$/, provision],
  ['GET', /^servers\/([^/]+)$/, (w, r, name) => find(w, name, (s, machine) =>
    ok({ ...s, ...machine, as_of: at(0) }))],
  ['GET', /^servers\/([^/]+)\/snapshots$/, (w, r, name) => find(w, name,
    (s, machine) => ok({ server: name, fresh: s.fresh,
      snapshots: machine.snapshots }))],
  ['POST', /^servers\/([^/]+)\/snapshots$/, (w, { body }, name) =>
    use_snapshot(w, name, 'take', body.name, body.note)],
  ['POST', /^servers\/([^/]+)\/snapshots\/([^/]+)\/revert$/, (w, r, server,
    name) => use_snapshot(w, server, 'revert', name)],
  ['DELETE', /^servers\/([^/]+)\/snapshots\/([^/]+)$/, (w, r, server,
    name) => use_snapshot(w, server, 'delete', name)],
  ['POST', /^servers\/([^/]+)\/power$/, power],
  ['POST', /^servers\/([^/]+)\/previews$/, preview],
  ['POST', /^servers\/([^/]+)\/checks$/, check],
  ['GET', /^jobs\/(\d+)\/preview$/, (w, r, n) => found(w, n)],
];
