// SPDX-License-Identifier: GPL-2.0-or-later
// Cancels a job. That is possible until the commit point; after it the console
// answers 409, and the dialog shows its detail.
import { Dialog } from './dialog.js';

export const CancelDialog = Dialog.extend({
  template: 'cancel_dialog',

  initialize(options) {
    Dialog.prototype.initialize.call(this, options);
    this.job = options.job;
  },

  context() {
    return { id: this.job.id, server: this.job.get('server') };
  },

  opened() {
    this.el.querySelector('[data-do=close]').setAttribute('autofocus', '');
  },

  request() {
    return { method: 'DELETE', path: `jobs/${this.job.id}`,
      body: undefined };
  },
});
