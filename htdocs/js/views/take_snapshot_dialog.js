// SPDX-License-Identifier: GPL-2.0-or-later
// Takes a snapshot: a name and, for other users, its purpose.
import { Dialog } from './dialog.js';

export const TakeSnapshotDialog = Dialog.extend({
  template: 'take_snapshot_dialog',
  more_events: { 'input .in': 'type' },

  initialize(options) {
    Dialog.prototype.initialize.call(this, options);
    this.taken = options.snapshots.map((s) => s.name);
  },

  context() {
    const state = this.server.get('state');
    return { name: this.server.id, running: state === 'running' ||
      state === 'paused', taken: this.taken.join(', ') };
  },

  type() {
    this.typed = true;
  },

  request() {
    const value = (name) => this.el.querySelector(`[name=${name}]`).value
      .trim();
    const body = { name: value('name') };
    if (value('note')) body.note = value('note');
    return { method: 'POST', body,
      path: `servers/${encodeURIComponent(this.server.id)}/snapshots` };
  },

  done(result) {
    this.world.announcer.took(result);
  },
});
