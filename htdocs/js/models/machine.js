// SPDX-License-Identifier: GPL-2.0-or-later
// The machine of a server, as in GET /servers/S: {state, since, vcpus, memory,
// disk_capacity, disk_allocation (bytes, null if the host cannot report it),
// addresses, addresses_from, snapshots: [{name, created, state, current, note,
// job}]}. Also what the reader may do with it; the console decides again.
import { binary_size, count } from '../words.js';

const sources = { lease: 'from its DHCP lease', arp: 'as its host sees it',
  ssh_config: 'from ssh_config' };

// The power actions in a state. Only a running guest can reboot; a paused or
// suspended one is resumed by a start.
function offers(state) {
  if (state === 'running') return ['shutdown', 'reboot', 'reset'];
  if (state === 'shut off' || state === 'crashed') return ['start'];
  return ['start', 'shutdown'];
}

const labels = { start: 'Start', shutdown: 'Shut down', reboot: 'Reboot',
  reset: 'Reset' };

// An unsettled job waits for its guest, and often only power brings that back.
const in_the_way = (job) => job && job.state !== 'unsettled';

function why_no_power(server, me) {
  const hold = server.get('hold'), job = server.get('job');
  if (!server.fresh()) return 'Its host is unreachable.';
  if (hold && !server.held_by(me) && !me.get('admin'))
    return `It is held by ${hold.user}; only ${hold.user} or an admin may ` +
      'use it.';
  return in_the_way(job)
    ? `Job ${job.id} is running on it; cancel it or wait for it.` : null;
}

function why_no_snapshots(server, me) {
  const hold = server.get('hold'), job = server.get('job');
  if (!hold && !me.get('admin') && server.fresh())
    return 'It is free: reserve it first.';
  return why_no_power(server, me) || (job &&
    `Job ${job.id} is not settled yet; wait for it.`);
}

// host: the model of its host, if that is known already.
export function machine_words(server, body, { me, host }) {
  const no_power = why_no_power(server, me);
  const no_snapshots = why_no_snapshots(server, me);
  const { name, state, addresses } = server.attributes;
  const fresh = server.fresh(), snapshots = body.snapshots || [];
  return {
    name, state, fresh, stale_reason: server.get('stale_reason'),
    host: server.get('host'), uri: host && host.get('uri'),
    since: fresh && state === 'running' && body.since,
    address: (addresses || []).join(', '),
    source: sources[body.addresses_from] || '',
    size: sizes(body), no_power, no_snapshots,
    // Shown once if it is the same for both.
    no_snapshots_too: no_snapshots !== no_power && no_snapshots,
    power: no_power ? [] : offers(state).map((action) => ({ action,
      label: labels[action], primary: action === 'start' })),
    can_snapshot: !no_snapshots,
    // A build can start a guest that is off by reverting to a snapshot first.
    can_build: !no_snapshots && (server.held_by(me) || !server.get('hold')),
    snapshots: snapshots.map((s) => snapshot_words(s, !no_snapshots)),
    has_snapshots: snapshots.length > 0,
    retire: me.get('admin') && plain(name) && `berthctl retire ${name}`,
  };
}

// A name that can be pasted into a root's shell without quotes.
const plain = (name) => /^[a-z][a-z0-9-]{0,30}$/.test(name);

function sizes({ vcpus, memory, disk_capacity: room, disk_allocation: used }) {
  return [vcpus > 0 && count(vcpus, 'vCPU', 'vCPUs'),
    memory > 0 && `${binary_size(memory)} memory`,
    room > 0 && (used > 0 ? `${binary_size(used)} of ${binary_size(room)} disk`
      : `${binary_size(room)} disk`)].filter(Boolean).join(' \u00b7 ');
}

// state: that of the machine in the snapshot, as libvirt names it.
function snapshot_words({ name, created, state, current, note, job }, can) {
  const said = state === 'shutoff' ? 'shut off' : state;
  return { name, created, current, note, job, can,
    state: said, memory: said === 'running' || said === 'paused',
    job_href: job && `#/jobs/${job}` };
}
