// SPDX-License-Identifier: GPL-2.0-or-later
// The filter of the board: a text and one of "all", "free", "mine". It exists
// in the page only; a shared link shows everything.
export const Filter = Backbone.Model.extend({
  defaults: { text: '', only: 'all' },

  passes(server, me) {
    const only = this.get('only');
    if (only === 'free' && server.get('hold')) return false;
    if (only === 'mine' && !server.held_by(me)) return false;
    const text = this.get('text').trim().toLowerCase();
    return !text || server.searchable().includes(text);
  },
});
