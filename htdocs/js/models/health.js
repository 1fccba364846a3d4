// SPDX-License-Identifier: GPL-2.0-or-later
// GET /health: {runner: "up" or "away", detail, version, draining}. Away means
// that berthd is not running: reads continue (and may be stale), builds are
// stored until it runs again, and holds are refused; the banner says so.
export const Health = Backbone.Model.extend({
  defaults: { runner: 'up', detail: '', draining: false, version: '' },

  away() {
    return this.get('runner') === 'away';
  },
});
