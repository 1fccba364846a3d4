// SPDX-License-Identifier: GPL-2.0-or-later
// Reserves a free server, extends one's own hold, or (for admins) takes a
// server over. Hours count from now; the console never shortens a hold and
// limits it to longest_hold, and the dialog shows the result in advance.
import { now, say } from '../clock.js';
import { HoursDialog, hour } from './hours_dialog.js';

const offers = [[1, '1 h'], [4, '4 h'], [8, '8 h'], [24, '1 day'],
  [72, '3 days'], [120, '5 days']];

export const ReserveDialog = HoursDialog.extend({
  template: 'reserve_dialog',
  more_events: {
    ...HoursDialog.prototype.more_events,
    'input [name=note]': 'typed_note',
  },

  initialize(options) {
    HoursDialog.prototype.initialize.call(this, options);
    this.take_over = Boolean(options.take_over);
  },

  context() {
    const { me } = this.world;
    const hold = this.server.get('hold'), mine = this.server.held_by(me);
    const job = this.server.get('job');
    const hours = me.get('default_hold_hours');
    const longest = me.get('longest_hold_hours');
    const verb = this.take_over ? 'Take over' : mine ? 'Extend' : 'Reserve';
    return {
      name: this.server.id, title: `${verb} ${this.server.id}`, verb,
      state: `${this.server.row(me).state} on ${this.server.get('host')}`,
      hours, longest, note: mine ? hold.note : '',
      take_over: this.take_over, holder: hold && hold.user,
      job: job && job.id,
      choices: offers.filter(([n]) => n <= longest).map(([n, label]) => ({
        hours: n, label, chosen: n === hours })),
    };
  },

  opened() {
    this.outcome();
  },

  typed_note() {
    this.typed = true;
  },

  outcome() {
    const until = now() + this.hours() * hour;
    const hold = this.server.held_by(this.world.me) &&
      this.server.get('hold');
    const line = this.el.querySelector('.outcome');
    if (!(this.hours() > 0)) line.textContent = '';
    else if (hold && Date.parse(hold.until) >= until)
      line.textContent = `Already yours ${say('until', hold.until)[0]}; ` +
        'a hold is never shortened.';
    else
      line.textContent = `Yours ${say('until',
        new Date(until).toISOString())[0]}.`;
  },

  request() {
    const note = this.el.querySelector('[name=note]').value.trim();
    const body = { hours: this.hours() };
    // An extension with an empty note removes the note.
    if (note || this.server.held_by(this.world.me)) body.note = note;
    if (this.take_over) body.take_over = true;
    return { method: 'PUT', body,
      path: `servers/${encodeURIComponent(this.server.id)}/reservation` };
  },

  done() {
    this.world.announcer.say(`${this.server.id} is yours.`,
      { tone: 'good', href: `#/servers/${this.server.id}`,
        link: 'Details' });
  },
});
