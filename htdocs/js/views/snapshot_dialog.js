// SPDX-License-Identifier: GPL-2.0-or-later
// Reverts to a snapshot, or deletes one. Neither can be undone, so Enter
// cancels.
import { on_words } from '../models/server.js';
import { Dialog } from './dialog.js';

export const SnapshotDialog = Dialog.extend({
  template: 'snapshot_dialog',

  initialize(options) {
    Dialog.prototype.initialize.call(this, options);
    this.snapshot = options.snapshot;
    this.action = options.action;
  },

  context() {
    const { name, created, state, note } = this.snapshot;
    const on = on_words(this.server.get('configuration'), this.world.me);
    return { name: this.server.id, snapshot: name, created, note,
      off: state === 'shutoff', [this.action]: true,
      database: on && on.database_name };
  },

  opened() {
    this.el.querySelector('[data-do=close]').setAttribute('autofocus', '');
  },

  request() {
    const path = `servers/${encodeURIComponent(this.server.id)}/snapshots/${
      encodeURIComponent(this.snapshot.name)}`;
    return this.action === 'revert'
      ? { method: 'POST', path: `${path}/revert`, body: {} }
      : { method: 'DELETE', path, body: undefined };
  },

  done(result) {
    this.world.announcer.took(result);
  },
});
