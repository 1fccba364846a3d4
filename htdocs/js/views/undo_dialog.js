// SPDX-License-Identifier: GPL-2.0-or-later
// Undoes the last switch of a server. It shows what will be restored and what
// will be replaced, with their data. If that changes while the dialog is open,
// it shows the new state and waits for another press; and the request names the
// job, because the console may know of a later one.
import { hold_words, on_words } from '../models/server.js';
import { undo_words } from '../models/undo.js';
import { go } from '../router.js';
import { show } from '../dom.js';
import { Dialog } from './dialog.js';

export const UndoDialog = Dialog.extend({
  template: 'undo_dialog',

  context() {
    const { me } = this.world;
    const hold = this.server.get('hold');
    const undo = undo_words(this.server, this.world);
    this.read = undo && undo.job;
    const on = on_words(this.server.get('configuration'), me);
    return { name: this.server.id, undo, on, live: on && on.database_name,
      hold: hold && hold_words(hold, me) };
  },

  opened() {
    this.el.querySelector('[data-do=close]').setAttribute('autofocus', '');
  },

  request() {
    const undo = this.server.get('undo');
    if ((undo && undo.job) !== this.read) {
      show(this.el, this.template, this.context());
      this.say({ detail: `The last switch on ${this.server.id} has changed. ` +
        'Check again what would be restored.' });
      return null;
    }
    return { method: 'POST', body: { job: this.read },
      path: `servers/${encodeURIComponent(this.server.id)}/undo` };
  },

  done(result) {
    if (result.job) go(`jobs/${result.job}`);
  },
});
