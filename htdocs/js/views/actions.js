// SPDX-License-Identifier: GPL-2.0-or-later
// Opens the dialog of an action. Board and panel offer the same actions on a
// server; this is the only list of them.
import { BuildDialog } from './build_dialog.js';
import { KeepDialog } from './keep_dialog.js';
import { ReleaseDialog } from './release_dialog.js';
import { ReserveDialog } from './reserve_dialog.js';
import { UndoDialog } from './undo_dialog.js';

const dialogs = {
  reserve: (options) => new ReserveDialog(options),
  take_over: (options) => new ReserveDialog({ ...options,
    take_over: true }),
  release: (options) => new ReleaseDialog(options),
  build: (options) => new BuildDialog(options),
  undo: (options) => new UndoDialog(options),
  keep: (options) => new KeepDialog(options),
};

// wish: the initial values of a build dialog ("again" sets it).
export function start_action(world, action, server_name, wish = {}) {
  const server = world.servers.get(server_name);
  if (!server || !(action in dialogs)) return;
  dialogs[action]({ world, server, wish }).open();
}
