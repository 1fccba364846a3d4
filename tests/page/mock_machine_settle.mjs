// SPDX-License-Identifier: GPL-2.0-or-later
// What the mock's machine jobs leave behind: states, snapshots, drift, a new
// server. Answers the event of history, null for one that only looked.
import { new_machine, snapshot } from './mock_machine.mjs';
import { at } from './mock_world.mjs';

const done = { start: 'started', shutdown: 'shut_down', reboot: 'rebooted',
  reset: 'was_reset', take: 'snapshot_taken', revert: 'reverted',
  delete: 'snapshot_deleted' };

function power(server, machine, { action }) {
  server.state = action === 'shutdown' ? 'shut off' : 'running';
  machine.since = action === 'shutdown' ? null : at(0);
  return action === 'shutdown' ? `${server.name} is shut off`
    : `${server.name} is running; it is reachable over ssh`;
}

function use_snapshot(server, machine, { action, name, note }, job) {
  const all = machine.snapshots;
  if (action === 'take')
    machine.snapshots = [...all.map((s) => ({ ...s, current: false })),
      snapshot(name, 0, { note: note || null, current: true, job })];
  if (action === 'delete')
    machine.snapshots = all.filter((s) => s.name !== name);
  return action === 'take' ? `snapshot ${name} of ${server.name} is there`
    : action === 'delete' ? `snapshot ${name} of ${server.name} is gone`
      : `reverted to snapshot ${name} of ${server.name}`;
}

function make(world, job) {
  const server = { name: job.server, host: job.arguments.host,
    state: 'running', fresh: true, state_as_of: at(0), stale_reason: null,
    addresses: ['192.0.2.77'], hold: null, configuration: null, job: null,
    last_job: null, undo: null, drift: null, checked_at: null,
    problem: null };
  world.servers.push(server);
  world.machines[job.server] = new_machine(server, 0);
  world.histories[job.server] = [];
}

// job: one that has ended; good: whether it succeeded. Its detail is put into
// `full`, as the console words it.
export function end_on_machine(world, job, full, good) {
  if (job.kind === 'provision' && good) {
    make(world, job);
    full.detail = `${job.server} is a server of ${job.arguments.host}`;
  }
  const server = world.servers.find((s) => s.name === job.server);
  const machine = world.machines[job.server];
  if (job.kind === 'check' && good) {
    server.checked_at = at(0);
    server.drift = world.finds || null;
  }
  if (job.kind === 'power' && good)
    full.detail = power(server, machine, job.arguments);
  if (job.kind === 'snapshot' && good)
    full.detail = use_snapshot(server, machine, job.arguments, job.id);
  return good ? done[job.arguments.action] || 'provisioned'
    : `${job.kind}_${full.state}`;
}
