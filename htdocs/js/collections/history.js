// SPDX-License-Identifier: GPL-2.0-or-later
// A server's history, newest first, as GET /servers/S/history returns it in
// pages. take() merges a page (the poller's newest or an older one); `before`
// is the number with which to request older lines, null if there are none.
import { HistoryLine } from '../models/history_line.js';

export const History = Backbone.Collection.extend({
  model: HistoryLine,
  comparator: (line) => -line.get('seq'),
  before: null,

  take(body, older = false) {
    const lines = body.lines || [];
    if (older || !this.length) this.before = body.before || null;
    // remove: false, because the newest page must not remove the older ones.
    this.set(lines, { remove: false });
    this.trigger('taken');
  },
});
