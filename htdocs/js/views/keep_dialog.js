// SPDX-License-Identifier: GPL-2.0-or-later
// Keep what an undo needs for longer. Hours count from now; the console
// never shortens it and lets it grow to keep_until, and the dialog says
// beforehand what will come out.
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

  // What the console will make of it.
  end() {
    return Math.min(now() + this.hours() * hour, this.most);
  },

  outcome() {
    const longer = this.hours() > 0 && this.end() > this.until;
    const line = this.el.querySelector('.outcome');
    const at = new Date(longer ? this.end() : this.until).toISOString();
    line.textContent = !(this.hours() > 0) ? ''
      : longer ? `Kept ${say('until', at)[0]}.`
        : `It is kept ${say('until', at)[0]} already, and never shortened.`;
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
