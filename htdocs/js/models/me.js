// SPDX-License-Identifier: GPL-2.0-or-later
// Who is looking, as GET /me says: {user, admin, default_hold_hours,
// longest_hold_hours, title}. The page only uses it to offer what would be
// accepted; the console decides again.
export const Me = Backbone.Model.extend({
  defaults: { user: '', admin: false, default_hold_hours: 8,
    longest_hold_hours: 120, title: 'Berth' },

  is(user) {
    return Boolean(user) && user === this.get('user');
  },

  // "you" where it is the reader, the name where it is not.
  call(user) {
    return this.is(user) ? 'you' : user || 'nobody';
  },

  // Who may cancel a job: its owner, the holder of its server, an admin.
  may_cancel(job, hold) {
    return Boolean(this.get('admin') || this.is(job.user) ||
      (hold && this.is(hold.user)));
  },
});
