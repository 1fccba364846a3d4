// SPDX-License-Identifier: GPL-2.0-or-later
// The data for new databases: each application's newest base, its spares and
// the result of its last refresh, by cluster, and whether the cluster answers.
// The page #/data has all of it.
import { show } from '../dom.js';
import { count } from '../words.js';

export const BasesCard = Backbone.View.extend({
  place: 'bases-card',

  initialize({ world }) {
    this.world = world;
    this.listenTo(world.applications, 'taken', this.render);
    this.listenTo(world.clusters, 'taken', this.render);
    this.listenTo(world.me, 'change', this.render);
  },

  cluster(name) {
    const { applications, clusters, me } = this.world;
    const cluster = clusters.get(name);
    const head = cluster ? cluster.head() : {};
    const left = cluster ? cluster.orphans().length : 0;
    const notices = [
      head.problems && head.problems.length &&
        count(head.problems.length, 'problem', 'problems'),
      left && count(left, 'orphan', 'orphans'),
    ].filter(Boolean);
    return { name, ...head, notices: notices.join(', '),
      has_notices: notices.length > 0,
      applications: applications.filter((a) => a.get('cluster') === name)
        .map((a) => a.words(me)) };
  },

  render() {
    const { applications, clusters } = this.world;
    const names = new Set([...clusters.pluck('name'),
      ...applications.pluck('cluster')].filter(Boolean));
    show(this.el, 'bases_card', { clusters: [...names].map((name) =>
      this.cluster(name)) });
    return this;
  },
});
