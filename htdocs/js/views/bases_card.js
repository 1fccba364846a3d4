// SPDX-License-Identifier: GPL-2.0-or-later
// What a fresh database would be made from: each application's newest base
// and its spares, by cluster, and whether the cluster answers.
import { show } from '../dom.js';

export const BasesCard = Backbone.View.extend({
  place: 'bases-card',

  initialize({ world }) {
    this.world = world;
    this.listenTo(world.applications, 'taken', this.render);
    this.listenTo(world.clusters, 'taken', this.render);
  },

  render() {
    const { applications, clusters } = this.world;
    const names = new Set([...clusters.pluck('name'),
      ...applications.pluck('cluster')].filter(Boolean));
    show(this.el, 'bases_card', { clusters: [...names].map((name) => {
      const cluster = clusters.get(name);
      return { name, ...(cluster ? cluster.head() : {}),
        applications: applications.filter((a) => a.get('cluster') === name)
          .map((a) => a.card()) };
    }) });
    return this;
  },
});
