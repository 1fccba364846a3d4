// SPDX-License-Identifier: GPL-2.0-or-later
// GET /health: {runner: "up" or "away", detail, version, draining}. Away
// means that reads go on (and may be old), builds are kept until the runner
// is back, and holds are refused; the banner says just that.
export const Health = Backbone.Model.extend({
  defaults: { runner: 'up', detail: '', draining: false, version: '' },

  away() {
    return this.get('runner') === 'away';
  },
});
