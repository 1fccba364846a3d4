// SPDX-License-Identifier: GPL-2.0-or-later
// Keeps what an undo needs for longer. Hours count from now; the console never
// shortens the time and limits it to keep_until, and the dialog shows the
// result in advance.
import { now, say } from '../clock.js';
import { undo_words } from '../models/undo.js';
import { HoursDialog, hour } from './hours_dialog.js';

const offers = [[1, '1 h'], [4, '4 h'], [8, '8 h'], [24, '1 day'],
  [72, '3 days'], [168, '7 days']];

export const KeepDialog = HoursDialog.extend({
  template: 'keep_dialog',

  context() {
    const undo = undo_words(this.server, this.world) || {};
    this.until = Date.parse(undo.until || '') || 0;
    this.most = Date.parse(undo.keep_until || '') || 0;
    const longest = Math.max(0.5,
      Math.ceil((this.most - now()) / hour * 2) / 2);
    const fit = offers.filter(([n]) => n <= longest &&
      now() + n * hour > this.until);
    const first = fit.length ? fit[0][0] : longest;
    return { name: this.server.id, undo, longest, hours: first,
      choices: fit.map(([hours, label]) => ({ hours, label,
        chosen: hours === first })) };
  },

  opened() {
    const chosen = this.el.querySelector('[name=hours]:checked');
    if (chosen) chosen.setAttribute('autofocus', '');
    this.outcome();
  },

  // The end that the console will set.
  end() {
    return Math.min(now() + this.hours() * hour, this.most);
  },

  outcome() {
    const longer = this.hours() > 0 && this.end() > this.until;
    const line = this.el.querySelector('.outcome');
    const at = new Date(longer ? this.end() : this.until).toISOString();
    line.textContent = !(this.hours() > 0) ? ''
      : longer ? `Kept ${say('until', at)[0]}.`
        : `Already kept ${say('until', at)[0]}; it is never shortened.`;
    this.el.querySelector('[type=submit]').disabled = !longer;
  },

  request() {
    return { method: 'PUT', body: { hours: this.hours() },
      path: `servers/${encodeURIComponent(this.server.id)}/undo` };
  },

  done(result) {
    const { job } = result;
    const at = new Date(this.end()).toISOString();
    this.world.announcer.say(`The undo on ${this.server.id} will be kept ${
      say('until', at)[0]}.`, { tone: 'good', href: job && `#/jobs/${job}`,
      link: job && `Job ${job}` });
  },
});
