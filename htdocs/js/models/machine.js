// SPDX-License-Identifier: GPL-2.0-or-later
// The machine under a server, as GET /servers/S says it: {state, since, vcpus,
// memory, disk_capacity, disk_allocation (bytes, null where the host cannot
// tell), addresses, addresses_from, snapshots: [{name, created, state, current,
// note, job}]}. Beside the words, what the reader may do with it; the console
// decides again.
import { binary_size, count } from '../words.js';

const sources = { lease: 'from its DHCP lease', arp: 'as its host sees it',
  ssh_config: 'from ssh_config' };

// What power has to offer in a state. Only what runs can be told to reboot;
// what is paused or asleep goes on with a start.
function offers(state) {
  if (state === 'running') return ['shutdown', 'reboot', 'reset'];
  if (state === 'shut off' || state === 'crashed') return ['start'];
  return ['start', 'shutdown'];
}

const labels = { start: 'Start', shutdown: 'Shut down', reboot: 'Reboot',
  reset: 'Reset' };

// One that is unsettled waits for its guest, and often for its power alone.
const in_the_way = (job) => job && job.state !== 'unsettled';

function why_no_power(server, me) {
  const hold = server.get('hold'), job = server.get('job');
  if (!server.fresh()) return 'Its host does not answer.';
  if (hold && !server.held_by(me) && !me.get('admin'))
    return `${hold.user} holds it: only ${hold.user} or an admin can.`;
  return in_the_way(job)
    ? `Job ${job.id} is at work on it: cancel it or wait for it.` : null;
}

function why_no_snapshots(server, me) {
  const hold = server.get('hold'), job = server.get('job');
  if (!hold && !me.get('admin') && server.fresh())
    return 'Nobody holds it: reserve it first.';
  return why_no_power(server, me) || (job &&
    `Job ${job.id} is not settled yet: wait for it.`);
}

// host: the model of its host, where that is known already.
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
    // Said once where it is the same for both.
    no_snapshots_too: no_snapshots !== no_power && no_snapshots,
    power: no_power ? [] : offers(state).map((action) => ({ action,
      label: labels[action], primary: action === 'start' })),
    can_snapshot: !no_snapshots,
    // A build starts what is off, when it goes back to a snapshot first.
    can_build: !no_snapshots && (server.held_by(me) || !server.get('hold')),
    snapshots: snapshots.map((s) => snapshot_words(s, !no_snapshots)),
    has_snapshots: snapshots.length > 0,
    retire: me.get('admin') && plain(name) && `berthctl retire ${name}`,
  };
}

// What is pasted into a root's shell needs no quoting.
const plain = (name) => /^[a-z][a-z0-9-]{0,30}$/.test(name);

function sizes({ vcpus, memory, disk_capacity: room, disk_allocation: used }) {
  return [vcpus > 0 && count(vcpus, 'vCPU', 'vCPUs'),
    memory > 0 && `${binary_size(memory)} memory`,
    room > 0 && (used > 0 ? `${binary_size(used)} of ${binary_size(room)} disk`
      : `${binary_size(room)} disk`)].filter(Boolean).join(' \u00b7 ');
}

// state: what the machine was when it was taken, in libvirt's words for it.
function snapshot_words({ name, created, state, current, note, job }, can) {
  const said = state === 'shutoff' ? 'shut off' : state;
  return { name, created, current, note, job, can,
    state: said, memory: said === 'running' || said === 'paused',
    job_href: job && `#/jobs/${job}` };
}
