// SPDX-License-Identifier: GPL-2.0-or-later
// Releases a server. It asks for confirmation, because somebody else can
// reserve the server a second later.
import { Dialog } from './dialog.js';

export const ReleaseDialog = Dialog.extend({
  template: 'release_dialog',

  context() {
    const hold = this.server.get('hold');
    return { name: this.server.id, holder: hold && hold.user,
      other: hold && !this.server.held_by(this.world.me) };
  },

  opened() {
    this.el.querySelector('[type=submit]').setAttribute('autofocus', '');
  },

  request() {
    return { method: 'DELETE', body: undefined,
      path: `servers/${encodeURIComponent(this.server.id)}/reservation` };
  },

  done() {
    this.world.announcer.say(`${this.server.id} is free.`,
      { tone: 'good' });
  },
});
