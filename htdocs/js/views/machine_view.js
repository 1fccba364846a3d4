// SPDX-License-Identifier: GPL-2.0-or-later
// The machine of a server, in its panel: state, power, snapshots. It polls the
// one server while it is shown, because the list of all omits this. A start is
// done at once; an action that interrupts somebody's work is confirmed in a
// dialog first.
import { Keys, act } from '../act.js';
import { show } from '../dom.js';
import { machine_words } from '../models/machine.js';
import { start_action } from './actions.js';
import { PowerDialog } from './power_dialog.js';
import { SnapshotDialog } from './snapshot_dialog.js';
import { TakeSnapshotDialog } from './take_snapshot_dialog.js';

export const MachineView = Backbone.View.extend({
  events: {
    'click [data-power]': 'power',
    'click [data-do=take]': 'take',
    'click [data-revert]': 'revert',
    'click [data-delete]': 'delete',
    'click [data-build]': 'build',
  },

  initialize({ world, server }) {
    this.world = world;
    this.name = server;
    this.keys = new Keys();
    const { poller, servers, hosts, me } = world;
    this.stop = poller.watch(`servers/${encodeURIComponent(server)}`, 3,
      (body) => { this.body = body; this.render(); },
      // Deleted meanwhile; the panel says so.
      { failed: () => { this.body = null; this.render(); } });
    this.listenTo(servers, 'taken', this.render);
    this.listenTo(hosts, 'taken', this.render);
    this.listenTo(me, 'change', this.render);
  },

  remove() {
    this.stop();
    return Backbone.View.prototype.remove.call(this);
  },

  server() {
    return this.world.servers.get(this.name);
  },

  render() {
    const { me, hosts } = this.world, server = this.server();
    show(this.el, 'machine', server && this.body ? { known: true,
      ...machine_words(server, this.body, { me,
        host: hosts.get(server.get('host')) }),
      refused: this.refused } : {});
    return this;
  },

  power(event) {
    const { power: action } = event.currentTarget.dataset;
    const options = { world: this.world, server: this.server(), action };
    if (action === 'start') this.start();
    else new PowerDialog(options).open();
  },

  async start() {
    if (this.starting) return;
    this.starting = true;
    const path = `servers/${encodeURIComponent(this.name)}/power`;
    const body = { action: 'start' };
    try {
      this.refused = null;
      const result = await act(this.world, 'POST', path, body,
        this.keys.for_request(path, body));
      this.keys.forget();
      this.world.announcer.took(result);
      if (result.pending) await result.pending;
    } catch (problem) {
      if (problem.status) this.keys.forget();
      this.refused = problem.detail || String(problem);
    }
    this.starting = false;
    this.render();
  },

  take() {
    new TakeSnapshotDialog({ world: this.world, server: this.server(),
      snapshots: this.body.snapshots || [] }).open();
  },

  revert(event) {
    this.ask('revert', event.currentTarget.dataset.revert);
  },

  delete(event) {
    this.ask('delete', event.currentTarget.dataset.delete);
  },

  build(event) {
    start_action(this.world, 'build', this.name,
      { revert: event.currentTarget.dataset.build });
  },

  ask(action, name) {
    const snapshot = this.body.snapshots.find((s) => s.name === name);
    if (snapshot)
      new SnapshotDialog({ world: this.world, server: this.server(),
        snapshot, action }).open();
  },
});
