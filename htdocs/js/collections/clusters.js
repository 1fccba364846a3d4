// SPDX-License-Identifier: GPL-2.0-or-later
// The PostgreSQL clusters, as in GET /clusters: {name, reachable, fresh,
// reason, version, free_bytes, bases, spares, former, trash, orphans,
// problems}. Problems and orphans are for an admin and prevent no build, so
// they are shown unobtrusively.
import { generation_data } from '../models/kind.js';
import { count, size } from '../words.js';

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

  // applications: the collection, for the date of a generation's data.
  words(applications) {
    const { version, spares, bases, former, trash } = this.attributes;
    const head = this.head(), orphans = this.orphans();
    const some = (n, one, many) => (n > 0 ? count(n, one, many) : null);
    return {
      ...head, version: String(version || '').split(' ')[0], orphans,
      has_orphans: orphans.length > 0,
      left_over: count(orphans.length, 'orphan', 'orphans'),
      one_left: orphans.length === 1, has_problems: head.problems.length > 0,
      amounts: [some(bases, 'base', 'bases'),
        some(former, 'former database kept for an undo',
          'former databases kept for an undo'),
        // The trash includes what is kept for an undo.
        some(trash - (former || 0), 'database waits to be dropped',
          'databases wait to be dropped')].filter(Boolean).join(', '),
      spares: (Array.isArray(spares) ? spares : []).map((s) => {
        const application = applications.get(s.application);
        return { ...s, key: `${s.application}-${s.generation}`,
          data_at: generation_data(s.generation,
            application && application.bases()) };
      }),
    };
  },

  orphans() {
    return (this.get('orphans') || []).map((o) => ({ ...o,
      reason: o.reason || '', size: o.size > 0 && size(o.size),
      directory: o.kind === 'directory', commented: o.kind === 'commented',
      command: command_for(this.id, o) }));
  },
});

// A command for a root's shell is shown only for a name that needs no quotes;
// Berth's own names never do.
function command_for(cluster, { kind, name }) {
  const plain = /^[A-Za-z0-9_][A-Za-z0-9_./-]*$/.test(name);
  return plain && kind === 'database' && /^[a-z0-9][a-z0-9-]*$/.test(cluster)
    ? `berthctl drop-database ${cluster} ${name}` : null;
}

export const Clusters = Backbone.Collection.extend({
  model: Cluster,
  comparator: 'name',
});
