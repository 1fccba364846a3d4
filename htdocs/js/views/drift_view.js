// SPDX-License-Identifier: GPL-2.0-or-later
// Whether a server differs from its last build, in its panel, with "Check now".
// A check is a job that only reads and is not shown as running on the board, so
// it is followed here, and its result is shown here.
import { Keys, act } from '../act.js';
import { show } from '../dom.js';
import { drift_words } from '../models/drift.js';
import { refresh } from '../world.js';

export const DriftView = Backbone.View.extend({
  events: { 'click [data-do=check]': 'check' },

  initialize({ world, server }) {
    this.world = world;
    this.name = server;
    this.keys = new Keys();
    this.listenTo(world.servers, 'taken change', this.render);
    this.render();
  },

  remove() {
    this.gone = true;
    if (this.stop) this.stop();
    return Backbone.View.prototype.remove.call(this);
  },

  render() {
    const server = this.world.servers.get(this.name);
    show(this.el, 'drift', server ? { known: true, ...drift_words(server),
      checking: this.checking, job_now: this.job,
      job_now_href: this.job && `#/jobs/${this.job}`,
      refused: this.refused } : {});
    return this;
  },

  say(what) {
    Object.assign(this, { checking: false, refused: null, job: null }, what);
    this.render();
  },

  async check() {
    if (this.checking) return;
    this.say({ checking: true });
    const path = `servers/${encodeURIComponent(this.name)}/checks`;
    try {
      const result = await act(this.world, 'POST', path, {},
        this.keys.for_request(path, {}));
      this.keys.forget();
      const { job } = result.pending ? await result.pending : result;
      this.follow(job);
    } catch (problem) {
      if (problem.status) this.keys.forget();
      this.say({ refused: problem.detail || String(problem) });
    }
  },

  follow(job) {
    if (this.gone) return;
    this.say({ checking: true, job });
    this.stop = this.world.poller.watch(`jobs/${job}`, 0.5, (body) => {
      if (!['succeeded', 'failed', 'cancelled'].includes(body.state))
        return undefined;
      this.say({ refused: body.state === 'succeeded' ? null
        : `The check ${body.state}. ${body.detail || ''}` });
      refresh(this.world);
      return false;
    }, { failed: (problem) => {
      this.stop();
      this.say({ refused: problem.detail });
    } });
  },
});
