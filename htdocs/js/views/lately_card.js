// SPDX-License-Identifier: GPL-2.0-or-later
// The jobs that ended last, so that every reader sees a failure, not only the
// one who requested the job.
import { show } from '../dom.js';

const shown = 6;

export const LatelyCard = Backbone.View.extend({
  place: 'lately-card',

  initialize({ world }) {
    this.world = world;
    this.listenTo(world.jobs, 'taken', this.render);
    this.listenTo(world.me, 'change', this.render);
  },

  render() {
    const { jobs, me } = this.world;
    const ended = jobs.filter((job) => !job.live()).slice(0, shown);
    show(this.el, 'lately_card', { jobs: ended.map((job) =>
      job.words(me)) });
    return this;
  },
});
