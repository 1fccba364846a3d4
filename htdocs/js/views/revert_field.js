// SPDX-License-Identifier: GPL-2.0-or-later
// "Go back to a snapshot first", in the build dialog: one choice of those the
// server has, and nothing where it has none.
import { get } from '../api.js';
import { show } from '../dom.js';

export const RevertField = Backbone.View.extend({
  // chosen: the name of one, or nothing.
  async load(server, chosen = '') {
    try {
      const { body } = await get(
        `servers/${encodeURIComponent(server)}/snapshots`);
      // The newest first: the last one taken is the likeliest.
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
