// SPDX-License-Identifier: GPL-2.0-or-later
// The queue: running and queued jobs, in order, with the claim that each waits
// for.
import { show } from '../dom.js';
import { job_short_words } from '../models/job.js';

export const QueueCard = Backbone.View.extend({
  place: 'queue-card',

  initialize({ world }) {
    this.world = world;
    this.listenTo(world.queue, 'taken', this.render);
    this.listenTo(world.me, 'change', this.render);
  },

  render() {
    const { queue, me } = this.world;
    const jobs = queue.map((job) => ({ ...job_short_words(job.attributes),
      who: me.call(job.get('user')) }));
    show(this.el, 'queue_card', { jobs });
    return this;
  },
});
