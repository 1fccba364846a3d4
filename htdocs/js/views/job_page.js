// SPDX-License-Identifier: GPL-2.0-or-later
// One job: state, steps, estimate, log, and cancel. It polls quickly while the
// job is live and slowly afterwards.
import { show } from '../dom.js';
import { Job } from '../models/job.js';
import { CancelDialog } from './cancel_dialog.js';
import { LogView } from './log_view.js';
import { PreviewView } from './preview_view.js';

const while_alive = 0.5, when_ended = 20;

export const JobPage = Backbone.View.extend({
  className: 'job-page',
  events: { 'click [data-do=cancel]': 'cancel' },

  initialize({ world }) {
    this.world = world;
    this.number = world.place.get('job');
    this.job = new Job({ id: this.number });
    this.listenTo(this.job, 'change', this.render);
    this.listenTo(world.me, 'change', this.render);
    this.stop = world.poller.watch(`jobs/${this.number}`, while_alive,
      (body) => this.take(body),
      { failed: (problem) => this.fail(problem) });
  },

  remove() {
    this.stop();
    if (this.log) this.log.remove();
    if (this.preview) this.preview.remove();
    return Backbone.View.prototype.remove.call(this);
  },

  take(body) {
    this.missing = null;
    this.job.set(body);
    if (!this.log)
      this.log = new LogView({ world: this.world, job: this.job,
        el: this.el.querySelector('#log') });
    if (this.job.live()) return while_alive;
    if (this.previews() && !this.preview)
      this.preview = new PreviewView({ job: this.number,
        el: this.el.querySelector('#job-preview') });
    this.world.seen.add(this.number);
    if (this.was_live) this.world.poller.now('servers', 'jobs', 'queue');
    this.was_live = false;
    return when_ended;
  },

  // Whether it is a preview with a result.
  previews() {
    return this.job.get('kind') === 'preview' &&
      this.job.get('state') === 'succeeded';
  },

  fail(problem) {
    this.missing = problem.status === 404
      ? `There is no job ${this.number}, or it ended long ago.`
      : problem.detail;
    this.render();
  },

  render() {
    const { me, servers } = this.world;
    const job = this.job;
    const known = job.has('state');
    this.was_live = this.was_live || (known && job.live());
    const server = job.get('server') && servers.get(job.get('server'));
    show(this.el, 'job_page', { missing: this.missing,
      job: known && { ...job.words(me), previews: this.previews(),
        may_cancel: job.get('cancellable') && job.live() &&
          me.may_cancel(job.attributes, server && server.get('hold')) } });
    return this;
  },

  cancel() {
    new CancelDialog({ world: this.world, job: this.job }).open();
  },
});
