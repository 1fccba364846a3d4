// SPDX-License-Identifier: GPL-2.0-or-later
// The result of a preview: each file with its diff against the guest and, when
// opened, its full text. On the job's page and in the build dialog.
import { get } from '../api.js';
import { show } from '../dom.js';
import { preview_words } from '../models/preview.js';

export const PreviewView = Backbone.View.extend({
  // job: the number of a preview that has succeeded.
  initialize({ job }) {
    this.load(job);
  },

  async load(job) {
    let words;
    try {
      const { body } = await get(`jobs/${job}/preview`);
      words = preview_words(body);
    } catch (problem) {
      words = { missing: problem.detail || String(problem) };
    }
    if (this.gone) return;
    show(this.el, 'preview', words);
    this.trigger('shown');
  },

  remove() {
    this.gone = true;
    this.el.replaceChildren();
    return this.stopListening();
  },
});
