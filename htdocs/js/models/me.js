// SPDX-License-Identifier: GPL-2.0-or-later
// The user, as in GET /me: {user, admin, default_hold_hours,
// longest_hold_hours, title}. The page uses it only to offer what would be
// accepted; the console decides again.
export const Me = Backbone.Model.extend({
  defaults: { user: '', admin: false, default_hold_hours: 8,
    longest_hold_hours: 120, title: 'Berth' },

  is(user) {
    return Boolean(user) && user === this.get('user');
  },

  // "you" for the reader, otherwise the name.
  call(user) {
    return this.is(user) ? 'you' : user || 'nobody';
  },

  // May cancel a job: its owner, an admin, and the holder of its server if
  // the job changes what is on the server.
  may_cancel(job, hold) {
    const holders = !['check', 'preview', 'provision', 'adopt', 'retire']
      .includes(job.kind);
    return Boolean(this.get('admin') || this.is(job.user) ||
      (holders && hold && this.is(hold.user)));
  },
});
