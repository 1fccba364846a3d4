// SPDX-License-Identifier: GPL-2.0-or-later
// Shuts a server down, reboots or resets it, and shows what that does to its
// processes. A shutdown presses the power button, or forces the guest off if it
// does not react.
import { hold_words } from '../models/server.js';
import { Dialog } from './dialog.js';

const titles = { shutdown: 'Shut down', reboot: 'Reboot', reset: 'Reset' };

export const PowerDialog = Dialog.extend({
  template: 'power_dialog',
  more_events: { 'change [name=how]': 'chosen' },

  initialize(options) {
    Dialog.prototype.initialize.call(this, options);
    this.action = options.action;
  },

  context() {
    const hold = this.server.get('hold');
    return { name: this.server.id, title: titles[this.action],
      [this.action]: true, hold: hold && hold_words(hold, this.world.me),
      danger: this.action === 'reset' };
  },

  // An action that the guest takes part in may be confirmed with Enter; a reset
  // must not follow from a key pressed too often.
  opened() {
    this.el.querySelector(this.action === 'reset' ? '[data-do=close]'
      : '[type=submit]').setAttribute('autofocus', '');
  },

  force() {
    const radio = this.el.querySelector('[name=how]:checked');
    return Boolean(radio) && radio.value === 'plug';
  },

  chosen() {
    this.el.querySelector('[type=submit]').classList.toggle('danger-fill',
      this.force());
  },

  request() {
    const body = { action: this.action };
    if (this.force()) body.force = true;
    return { method: 'POST', body,
      path: `servers/${encodeURIComponent(this.server.id)}/power` };
  },

  done(result) {
    this.world.announcer.took(result);
  },
});
