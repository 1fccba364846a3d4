// SPDX-License-Identifier: GPL-2.0-or-later
// All jobs the console still lists: live ones and the last that ended.
import { show } from '../dom.js';
import { once_a_frame } from './board.js';

const filters = [['all', 'All'], ['live', 'Live'], ['failed', 'Failed'],
  ['mine', 'Mine']];

export const JobsPage = Backbone.View.extend({
  className: 'jobs-page',
  events: { 'click [data-only]': 'choose' },

  initialize({ world }) {
    this.world = world;
    this.only = 'all';
    const later = once_a_frame(() => this.render());
    this.listenTo(world.jobs, 'taken', later);
    this.listenTo(world.me, 'change', later);
    world.poller.now('jobs');
  },

  passes(job) {
    if (this.only === 'live') return job.live();
    if (this.only === 'failed') return job.get('state') === 'failed';
    if (this.only === 'mine') return this.world.me.is(job.get('user'));
    return true;
  },

  render() {
    const { jobs, me } = this.world;
    const passed = jobs.filter((job) => this.passes(job));
    show(this.el, 'jobs_page', {
      jobs: passed.map((job) => job.words(me)),
      chips: filters.map(([only, label]) => ({ only, label,
        pressed: String(only === this.only) })),
      nothing: !passed.length && (!jobs.loaded ? 'Loading\u2026'
        : jobs.length ? 'None of the last jobs matches.'
        : 'No jobs yet.') });
    return this;
  },

  choose(event) {
    this.only = event.currentTarget.dataset.only;
    this.render();
  },
});
