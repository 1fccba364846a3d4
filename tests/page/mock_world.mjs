// SPDX-License-Identifier: GPL-2.0-or-later
// The invented world of the mock console (mock.mjs): fifteen servers on three
// hosts, one of which does not answer; one server shut off, one job that
// waits for a copy, one failed verify. Shapes are those of the API; instants
// are relative to now, so that the page always has something to tick.
const hour = 3600e3, day = 24 * hour;
export const at = (ms) => new Date(Date.now() + ms).toISOString()
  .replace(/\.\d+Z$/, 'Z');

export const generation = (ms) => at(ms).replace(/[-:TZ]/g, '');

// name, host, state, holder, hours left, note, application, path, revision,
// hours since built, days of data, outcome of the last job
const rows = [
  ['qa1', 'kvm1', 'running', 'alice', 2.7, 'checkout flow, ticket 2207',
    'shop', 'branches/checkout-2', '4183', 3, 0, 'succeeded'],
  ['qa2', 'kvm1', 'running', 'alice', 0.58, '', 'billing', 'trunk', '4190',
    6, 0, 'succeeded'],
  ['qa3', 'kvm1', 'running', null, 0, '', 'shop', 'tags/5.2.0', '4102',
    52, 2, 'succeeded'],
  ['qa4', 'kvm1', 'running', 'bob', 19, '', 'shop', 'branches/search',
    '4188', 4, 0, 'succeeded'],
  ['qa5', 'kvm1', 'running', 'carol', 6, 'payment bug 2231', 'billing',
    'branches/vat-de', '4179', 5, 0, 'failed'],
  ['qa6', 'kvm1', 'running', null, 0, '', 'portal', 'main',
    '9f31c2e7a4405bb1d7c5e0f1a2b3c4d5e6f70819', 8, 1, 'succeeded'],
  ['qa7', 'kvm1', 'shut off', null],
  ['qa8', 'kvm1', 'running', 'team-b', 74, 'load test', 'shop',
    'branches/perf', '4150', 73, 3, 'succeeded'],
  ['qa9', 'kvm1', 'running', 'ci-portal', 8, '', 'portal', 'feature/sso',
    '77ab01d24b5e8f90817263544536271809abcdef', 26, 1, 'succeeded'],
  ['qa10', 'kvm2', 'running', null, 0, '', 'shop', 'trunk', '4177', 30, 1,
    'succeeded'],
  ['qa11', 'kvm2', 'running', 'dave', 2, '', 'billing', 'trunk', '4190', 7,
    0, 'succeeded'],
  ['qa12', 'kvm2', 'running', null, 0, '', 'shop', 'trunk', '4101', 200, 8,
    'cancelled'],
  ['qa13', 'kvm3', 'running', null],
  ['qa14', 'kvm3', 'paused', 'erin', 30, 'looking at a frozen moment',
    'shop', 'trunk', '4188', 9, 0, 'succeeded'],
  ['qa15', 'kvm3', 'running', null, 0, '', 'portal', 'main',
    '9f31c2e7a4405bb1d7c5e0f1a2b3c4d5e6f70819', 20, 1, 'succeeded'],
];

export function new_servers(first_job) {
  return rows.map((row, index) => server(row, first_job + index));
}

function server([name, host, state, user, left, note, application, path,
  revision, built, data, outcome], job) {
  const stale = host === 'kvm2';
  const hold = user ? { user, since: at(-5 * hour), until: at(left * hour),
    note, job: null, release: 'never' } : null;
  const failed = outcome === 'failed';
  const configuration = application ? {
    application, path, revision, kind: application === 'portal' ? 'git'
      : 'svn', slot: 'a', templates: 'b01d', user: user || 'bob', note: '',
    job, built_at: at(-built * hour), verified: !failed,
    url: `http://${name}.qa.example.com/`,
    database: { cluster: 'db1', name: `${application}_${name}`, oid: 1,
      generation: generation(-data * day), data_at: at(-data * day -
        6 * hour) } } : null;
  const last_job = configuration ? { id: job, kind: 'build', outcome,
    failed_step: failed ? 'verify' : null,
    detail: failed ? 'GET / answered 500: relation "orders" has no column' +
      ' "slot"' : '', user: configuration.user,
    finished_at: configuration.built_at, duration_ms: 3800 + job } : null;
  return { name, host, state: stale ? 'unknown' : state, fresh: !stale,
    state_as_of: at(stale ? -hour : 0),
    stale_reason: stale ? 'connection timed out' : null,
    addresses: application ? [`192.0.2.${job % 200}`] : [], hold,
    configuration, job: null, last_job, problem: null,
    drift: null, checked_at: null,
    undo: name in undos ? undo_of(configuration, undos[name]) : null };
}

// Whose last switch can be undone, and what was there before.
const undos = { qa2: ['branches/vat-de', '4179', 1],
  qa4: ['trunk', '4150', 1], qa14: ['tags/5.2.0', '4102', null] };

function undo_of({ application, user, job }, [path, revision, days]) {
  const data = days !== null;
  return { job, user, until: data ? at(50 * 60e3) : null,
    keep_until: data ? at(7 * day) : null, configuration: { application,
      path, revision, generation: data ? generation(-days * day) : null,
      data_at: data ? at(-days * day - 6 * hour) : null } };
}

export const new_hosts = () => [
  { name: 'kvm1', uri: 'qemu:///system', connected: true, fresh: true,
    as_of: at(0), reason: null, servers: 9, images: ['debian12',
      'debian11'], skipped: [{ domain: 'qa 1 <b>', reason: 'the name is ' +
      'not a server name; give it one in `aliases` of [host.kvm1]' }],
    problems: ["domain qa3: snapshot 'far': its creationTime is not a time"] },
  { name: 'kvm2', uri: 'qemu+ssh://kvm2/system', connected: false,
    fresh: false, as_of: at(-hour), reason: 'connection timed out',
    servers: 3, images: ['debian12'] },
  { name: 'kvm3', uri: 'qemu+ssh://kvm3/system', connected: true,
    fresh: true, as_of: at(0), reason: null, servers: 3, images: [] },
];

const base = (application, days, size) => ({
  generation: generation(-days * day), published_at: at(-days * day),
  data_at: at(-days * day - 6 * hour), size,
  database: `berth_0a1b2c3d_b_${application}_${generation(-days * day)}` });

const refreshed = (job, at_ms, outcome, more) => ({ generations_kept: 2,
  can_refresh: true, refresh: null, last_refresh: { job, at: at(at_ms),
    outcome, user: 'berth', failed_step: null, detail: '', generation: null,
    committed: false, ...more } });
const renewed = (job, name, days) => refreshed(job, -days * day,
  'succeeded', { generation: base(name, days, 1).generation, committed: true,
    detail: `generation ${base(name, days, 1).generation} of ${name}` });
const failed_refresh = refreshed(1452, -60e3, 'failed', {
  failed_step: 'scrub', detail: '30-mail.sql, statement 2: relation ' +
    '"newsletter" does not exist' });

const usual = { preflight: 300, database: 900, checkout: 1200, render: 100,
  prepare: 1100, switch: 150, restart: 200, verify: 500 };

export const new_applications = () => [
  { name: 'billing', kind: 'svn', repository: 'svn://svn/billing',
    cluster: 'db1', database: 'billing_{server}', servers: '*',
    url: 'http://{server}.qa.example.com/', bases: [base('billing', 0, 11e9)],
    spares: 1, spares_wanted: 1, ...renewed(1400, 'billing', 0),
    fresh: true, stale_reason: null, usual_ms: 4100, usual },
  { name: 'portal', kind: 'git', repository: 'git://git/portal',
    cluster: 'db2', database: 'portal_{server}', servers: '*',
    url: 'http://{server}.qa.example.com/', bases: [], spares: 0,
    spares_wanted: 0, generations_kept: 2, can_refresh: false, refresh: null,
    last_refresh: null, fresh: true, stale_reason: null, usual_ms: 5000,
    usual },
  { name: 'shop', kind: 'svn', repository: 'svn://svn/shop', cluster: 'db1',
    database: 'shop_{server}', servers: 'qa*',
    url: 'http://{server}.qa.example.com/',
    bases: [base('shop', 0, 38e9), base('shop', 1, 37.8e9)], spares: 2,
    spares_wanted: 3, ...failed_refresh, fresh: true, stale_reason: null,
    usual_ms: 3900, usual },
];

export const new_clusters = () => [
  { name: 'db1', reachable: true, fresh: true, as_of: at(0), reason: null,
    version: '15.8', free_bytes: 412e9, bases: 3, trash: 2, former: 2,
    spares: [
      { application: 'billing', generation: base('billing', 0, 1).generation,
        ready: 1 },
      { application: 'shop', generation: base('shop', 0, 1).generation,
        ready: 2 }],
    orphans: [
      { kind: 'database', name: 'berth_0a1b2c3d_s_shop_20261101024100_1312',
        reason: 'it has the name of a spare and no marker', size: 37.5e9 },
      { kind: 'directory', name: 'base/481516', size: 4.2e9,
        reason: 'a CREATE DATABASE that did not end left it' }],
    problems: ['billing_qa12 has the collation version 2.31 and the system ' +
      '2.36: REINDEX and refresh it'] },
  { name: 'db2', reachable: false, fresh: false, as_of: at(-2 * hour),
    reason: 'connection refused.', version: '15.8', free_bytes: 81e9,
    bases: 0, trash: 0, problems: ['last night\'s refresh of portal failed'],
  },
];

export const paths = {
  shop: [['branches/checkout-2', '4183', 0.3, 'alice'],
    ['branches/search', '4188', 4, 'bob'], ['trunk', '4190', 6, 'carol'],
    ['branches/charges', '4120', 96, 'carol'],
    ['branches/perf', '4150', 80, 'dave'],
    ['branches/channel-api', '3988', 500, 'erin'],
    ['tags/5.2.0', '4102', 130, 'bob'], ['tags/5.1.0', '3871', 900, 'bob'],
    ['tags/5.0.0', '3500', 1900, 'bob']],
  billing: [['trunk', '4190', 2, 'carol'],
    ['branches/vat-de', '4179', 7, 'carol']],
  portal: [['main', '9f31c2e7a4405bb1d7c5e0f1a2b3c4d5e6f70819', 9, 'ci'],
    ['feature/sso', '77ab01d24b5e8f90817263544536271809abcdef', 30, 'dan']],
};
export const path_list = (application) => (paths[application] || [])
  .map(([path, revision, hours, author]) => ({ path, revision,
    at: at(-hours * hour), author }));
