// SPDX-License-Identifier: GPL-2.0-or-later
// The preview in the build dialog: requests it, follows its job, shows its
// result, and reports when the form has changed since.
import { Keys, act } from '../act.js';
import { show } from '../dom.js';
import { Job } from '../models/job.js';
import { PreviewView } from './preview_view.js';

export const BuildPreview = Backbone.View.extend({
  initialize({ world }) {
    this.world = world;
    this.keys = new Keys();
  },

  // Throws the Problem of a refusal, which the dialog shows.
  async ask(path, body) {
    if (this.said && this.said.asking) return;
    this.clear();
    const turn = this.turn = {};
    this.asked = JSON.stringify(body);
    this.say({ asking: true });
    this.el.scrollIntoView({ block: 'nearest' });
    try {
      const result = await act(this.world, 'POST', path, body,
        this.keys.for_request(path, body));
      this.keys.forget();
      if (result.pending) this.say({ kept: result.detail });
      const { job } = result.pending ? await result.pending : result;
      if (turn === this.turn) this.follow(job);
    } catch (problem) {
      if (problem.status) this.keys.forget();
      if (turn !== this.turn) return;
      this.clear();
      throw problem;
    }
  },

  follow(number) {
    const job = new Job({ id: number });
    this.stop = this.world.poller.watch(`jobs/${number}`, 0.5, (body) => {
      job.set(body);
      const words = job.words(this.world.me);
      if (job.live()) {
        const step = words.steps.find((s) => s.running);
        this.say({ job: words, what: step ? step.name : words.state });
        return undefined;
      }
      if (body.state === 'succeeded') this.found(number, words);
      else this.say({ job: words, ended: body.state,
        failed_in: body.failed_step, why: body.detail });
      return false;
    }, { failed: (problem) => {
      this.stop();
      this.say({ missing: problem.detail });
    } });
  },

  found(number, job) {
    this.say({ job, done: true });
    this.result = new PreviewView({ job: number,
      el: this.el.querySelector('#preview') });
    this.listenTo(this.result, 'shown', () =>
      this.el.scrollIntoView({ block: 'start' }));
    this.trigger('found');
  },

  say(what) {
    this.said = what;
    show(this.el, 'build_preview', { ...what, outdated: this.outdated });
  },

  // The current request of the form.
  compare(body) {
    if (!this.asked) return;
    const outdated = JSON.stringify(body) !== this.asked;
    if (outdated === this.outdated) return;
    this.outdated = outdated;
    if (this.said) this.say(this.said);
  },

  clear() {
    if (this.stop) this.stop();
    if (this.result) this.result.remove();
    Object.assign(this, { stop: null, result: null, asked: null,
      outdated: false, turn: null, said: null });
    this.el.replaceChildren();
  },

  remove() {
    this.clear();
    return this.stopListening();
  },
});
