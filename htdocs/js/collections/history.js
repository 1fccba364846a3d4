// SPDX-License-Identifier: GPL-2.0-or-later
// One server's history, newest first, as GET /servers/S/history gives it in
// pages. take() merges a page (the poller's newest or an older one); `before`
// is the number to ask older lines with, null when there are none.
import { HistoryLine } from '../models/history_line.js';

export const History = Backbone.Collection.extend({
  model: HistoryLine,
  comparator: (line) => -line.get('seq'),
  before: null,

  take(body, older = false) {
    const lines = body.lines || [];
    if (older || !this.length) this.before = body.before || null;
    // remove: false, or the newest page would throw away the older ones.
    this.set(lines, { remove: false });
    this.trigger('taken');
  },
});
