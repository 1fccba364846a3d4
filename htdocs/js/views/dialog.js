// SPDX-License-Identifier: GPL-2.0-or-later
// The base of every dialog. It is the browser's own <dialog>, shown as modal:
// that keeps the focus inside, makes the rest inert, closes on Escape and
// returns the focus, better than a script would.
//
// A dialog provides `template`, context() and request(), which returns {method,
// path, body}, and may provide done(result). Errors appear inside, above the
// buttons. If the console stores the request because berthd is not running, the
// dialog says so and can be closed: the decision is then announced.
import { Keys, act } from '../act.js';
import { show } from '../dom.js';

const some = (names) => Array.isArray(names) &&
  names.slice(0, 8).join(', ');

export const Dialog = Backbone.View.extend({
  tagName: 'dialog',
  className: 'dialog',
  attributes: { 'aria-labelledby': 'dialog-title' },

  base_events: {
    'submit form': 'submitted',
    'click [data-do=close]': 'shut',
    'close': 'closed',
    'mousedown': 'outside',
  },

  events() {
    return { ...this.base_events, ...this.more_events };
  },

  initialize({ world, server }) {
    this.world = world;
    this.server = server;
    this.keys = new Keys();
  },

  open() {
    show(this.el, this.template, this.context());
    document.body.append(this.el);
    if (this.opened) this.opened();
    this.el.showModal();
    const first = this.el.querySelector('[autofocus]') ||
      this.el.querySelector('.fields .in');
    if (first) first.focus();
    return this;
  },

  shut() {
    this.el.close();
  },

  closed() {
    this.gone = true;
    this.remove();
  },

  // A click on the backdrop has the dialog itself as its target. It closes the
  // dialog only in that case, and only if nothing was typed.
  outside(event) {
    const box = this.el.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right &&
      event.clientY >= box.top && event.clientY <= box.bottom;
    if (event.target === this.el && !inside && !this.typed) this.shut();
  },

  say(what) {
    show(this.el.querySelector('.said'), 'problem', what);
    const said = this.el.querySelector('.said').firstElementChild;
    if (said) said.scrollIntoView({ block: 'nearest' });
  },

  refuse(problem) {
    const { free, snapshots, images } = problem.extra || {};
    const text = problem.detail || String(problem);
    if (this.gone)
      this.world.announcer.say(text, { tone: 'bad' });
    else
      this.say({ detail: text, free: some(free),
        there_are: some(snapshots || images) });
  },

  // Counted as the console counts: maxlength would count a character beyond
  // U+FFFF as two.
  too_long() {
    for (const field of this.el.querySelectorAll('[data-most]')) {
      const { length } = [...field.value.trim()];
      if (length <= Number(field.dataset.most)) continue;
      this.say({ detail: `${field.name}: must have at most ${
        field.dataset.most} characters, but has ${length}.` });
      field.focus();
      return true;
    }
    return false;
  },

  async submitted(event) {
    event.preventDefault();
    if (this.sending || this.too_long()) return;
    const request = this.request();
    if (!request) return;
    const { method, path, body } = request;
    this.busy(true);
    this.say({});
    try {
      const result = await act(this.world, method, path, body,
        this.keys.for_request([method, path], body));
      this.keys.forget();
      await this.take(result);
    } catch (problem) {
      // After a decision the same request is a new one; only a request without
      // an answer keeps its key.
      if (problem.status) this.keys.forget();
      this.refuse(problem);
    }
    this.busy(false);
  },

  async take(result) {
    if (result.pending) {
      this.kept(result.detail);
      result = await result.pending;
      const job = result.job;
      if (this.gone)
        this.world.announcer.say(result.detail || 'Accepted.',
          { tone: 'good', href: job && `#/jobs/${job}`,
            link: job && `Job ${job}` });
    }
    if (this.gone) return;
    this.shut();
    if (this.done) this.done(result);
  },

  // The request is durable and waits for berthd: the reader can watch, or close
  // the dialog and see the announcement later.
  kept(detail) {
    this.say({ waiting: `${detail || 'Stored until berthd runs'}. You can ` +
      'close this; the decision is then shown at the bottom.' });
    this.el.setAttribute('aria-busy', 'false');
    this.el.querySelector('footer [data-do=close]').textContent = 'Close';
  },

  busy(sending) {
    this.sending = sending;
    const button = this.el.querySelector('[type=submit]');
    if (button) button.disabled = sending;
    this.el.setAttribute('aria-busy', String(sending));
  },
});
