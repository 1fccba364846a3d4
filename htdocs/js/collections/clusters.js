// SPDX-License-Identifier: GPL-2.0-or-later
// The PostgreSQL servers, as GET /clusters says: {name, reachable, fresh,
// reason, free_bytes, problems}.
import { size } from '../words.js';

const Cluster = Backbone.Model.extend({
  idAttribute: 'name',

  head() {
    const { name, reachable, fresh, reason, as_of } = this.attributes;
    const problems = this.get('problems') || [];
    return {
      name, as_of, reason, away: reachable === false || fresh === false,
      free: size(this.get('free_bytes')),
      problems: problems.map((p) => (typeof p === 'string' ? p
        : p.detail || JSON.stringify(p))),
    };
  },
});

export const Clusters = Backbone.Collection.extend({
  model: Cluster,
  comparator: 'name',
});
