// SPDX-License-Identifier: GPL-2.0-or-later
// A dialog that asks for a number of hours from now: a few buttons, and a field
// for any other number, which are kept in sync. The dialog that extends this
// one defines the buttons, the effect and the request; it provides outcome(),
// which is called whenever the hours have changed.
import { Dialog } from './dialog.js';

export const hour = 3600e3;

export const HoursDialog = Dialog.extend({
  more_events: {
    'change [name=hours]': 'offered',
    'input [name=other]': 'typed_hours',
  },

  hours() {
    return Number(this.el.querySelector('[name=other]').value);
  },

  offered(event) {
    this.el.querySelector('[name=other]').value = event.target.value;
    this.outcome();
  },

  typed_hours() {
    this.typed = true;
    for (const radio of this.el.querySelectorAll('[name=hours]'))
      radio.checked = Number(radio.value) === this.hours();
    this.outcome();
  },
});
