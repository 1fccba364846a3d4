// SPDX-License-Identifier: GPL-2.0-or-later
// The path of a build with suggestions from the repository: a combobox by the
// ARIA pattern (arrows move, Enter selects, Escape closes first the list and
// then the dialog). The console has the list; it is requested once per
// application and filtered here, and requested by prefix only if it was
// truncated. The typed text counts, listed or not: a branch can be newer than
// the list.
import { get } from '../api.js';
import { show } from '../dom.js';
import { revision } from '../words.js';

const shown = 7;

export const PathField = Backbone.View.extend({
  events: {
    'input input': 'typed',
    'focus input': 'offer',
    'click input': 'offer',
    'blur input': 'hide',
    'keydown input': 'key',
    // mousedown, because the blur at the start of a click hides the list.
    'mousedown [data-path]': 'picked',
  },

  initialize() {
    this.input = this.el.querySelector('input');
    this.list = this.el.querySelector('[role=listbox]');
    this.paths = [];
    this.at = -1;
  },

  async ask(application) {
    this.application = application;
    this.paths = [];
    await this.load('');
  },

  async load(prefix) {
    const { application } = this;
    const query = prefix ? `?prefix=${encodeURIComponent(prefix)}` : '';
    try {
      const { body } = await get(
        `applications/${encodeURIComponent(application)}/paths${query}`);
      if (application !== this.application) return;
      this.paths = body.paths || [];
      this.cut = body.truncated;
      this.trouble = null;
    } catch (problem) {
      this.paths = [];
      this.trouble = `No suggestions: ${problem.detail || problem}`;
    }
    if (document.activeElement === this.input && this.wanted) this.offer();
  },

  found() {
    const text = this.input.value.trim().toLowerCase();
    const known = this.paths.some((p) => p.path === this.input.value.trim());
    const fits = known ? this.paths
      : this.paths.filter((p) => p.path.toLowerCase().includes(text));
    return [...fits].sort((a, b) => String(b.at).localeCompare(String(a.at)));
  },

  typed() {
    this.wanted = true;
    this.at = -1;
    if (this.cut) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.load(this.input.value.trim()), 200);
    }
    this.offer();
  },

  offer(event) {
    if (event && event.type === 'click') this.wanted = true;
    if (!this.wanted || this.input.readOnly) return;
    const found = this.found();
    this.offered = found.slice(0, shown);
    this.at = Math.min(this.at, this.offered.length - 1);
    const rest = found.length - this.offered.length;
    show(this.list, 'suggestions', {
      paths: this.offered.map((p, index) => ({ ...p, index,
        revision: revision(p.revision),
        selected: String(index === this.at) })),
      more: this.trouble || (rest > 0 && `${rest} more; type to narrow`),
    });
    const open = this.offered.length > 0 || Boolean(this.trouble);
    this.list.hidden = !open;
    this.input.setAttribute('aria-expanded', String(open));
    if (this.at >= 0)
      this.input.setAttribute('aria-activedescendant',
        `path-option-${this.at}`);
    else this.input.removeAttribute('aria-activedescendant');
  },

  hide() {
    this.wanted = false;
    this.at = -1;
    this.list.hidden = true;
    this.input.setAttribute('aria-expanded', 'false');
    this.input.removeAttribute('aria-activedescendant');
  },

  key(event) {
    const open = !this.list.hidden;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) {
      const size = (this.offered || []).length + 1;
      this.at = open ? (this.at + 1 + move + size) % size - 1 : -1;
      this.wanted = true;
      this.offer();
    } else if (event.key === 'Enter' && open && this.at >= 0) {
      this.take(this.offered[this.at].path);
    } else if (event.key === 'Escape' && open) {
      this.hide();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  },

  picked(event) {
    event.preventDefault();
    this.take(event.currentTarget.dataset.path);
  },

  take(path) {
    this.input.value = path;
    this.hide();
    this.trigger('taken', path);
  },
});
