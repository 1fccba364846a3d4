// SPDX-License-Identifier: GPL-2.0-or-later
// Refreshes an application's data now instead of tonight; for admins. A dump
// that is no newer is restored again only if requested.
import { go } from '../router.js';
import { Dialog } from './dialog.js';

export const RefreshDialog = Dialog.extend({
  template: 'refresh_dialog',

  initialize(options) {
    Dialog.prototype.initialize.call(this, options);
    this.application = options.application;
  },

  context() {
    return { name: this.application.id, data_at: this.application.data_at() };
  },

  opened() {
    this.el.querySelector('[type=submit]').setAttribute('autofocus', '');
  },

  request() {
    const again = this.el.querySelector('[name=again]').checked;
    return { method: 'POST', body: again ? { again } : {},
      path: `applications/${encodeURIComponent(this.application.id)}/refresh`,
    };
  },

  done(result) {
    if (result.job) go(`jobs/${result.job}`);
  },
});
