// SPDX-License-Identifier: GPL-2.0-or-later
// "Revert to a snapshot first", in the build dialog: a choice of the server's
// snapshots; nothing if it has none.
import { get } from '../api.js';
import { show } from '../dom.js';

export const RevertField = Backbone.View.extend({
  // chosen: the name of a snapshot, or empty.
  async load(server, chosen = '') {
    try {
      const { body } = await get(
        `servers/${encodeURIComponent(server)}/snapshots`);
      // Newest first, because the last one taken is the likeliest choice.
      const snapshots = [...body.snapshots || []].reverse();
      show(this.el, 'build_revert', { has: snapshots.length > 0, snapshots });
      const field = this.el.querySelector('select');
      if (field && chosen) field.value = chosen;
      if (chosen) this.trigger('chosen');
    } catch (problem) {
      show(this.el, 'build_revert', { trouble: problem.detail });
    }
  },

  value() {
    const field = this.el.querySelector('select');
    return field ? field.value : '';
  },
});
