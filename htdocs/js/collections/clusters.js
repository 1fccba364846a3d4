// SPDX-License-Identifier: GPL-2.0-or-later
// The PostgreSQL servers, as GET /clusters says: {name, reachable, fresh,
// reason, version, free_bytes, bases, spares, former, trash, orphans,
// problems}. Problems and orphans are for an admin, when there is time: they
// stop nobody's build, so they are told calmly.
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

  // applications: the collection, for the data's date of a generation.
  words(applications) {
    const { version, spares, bases, former, trash } = this.attributes;
    const head = this.head(), orphans = this.orphans();
    const some = (n, one, many) => (n > 0 ? count(n, one, many) : null);
    return {
      ...head, version: String(version || '').split(' ')[0], orphans,
      has_orphans: orphans.length > 0,
      left_over: count(orphans.length, 'thing', 'things'),
      one_left: orphans.length === 1, has_problems: head.problems.length > 0,
      amounts: [some(bases, 'base', 'bases'),
        some(former, 'former database kept for an undo',
          'former databases kept for an undo'),
        // What is kept for an undo is among the trash.
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

// What is pasted into a root's shell is shown only for a name that needs no
// quoting; Berth's own names never do.
function command_for(cluster, { kind, name }) {
  const plain = /^[A-Za-z0-9_][A-Za-z0-9_./-]*$/.test(name);
  return plain && kind === 'database' && /^[a-z0-9][a-z0-9-]*$/.test(cluster)
    ? `berthctl drop-database ${cluster} ${name}` : null;
}

export const Clusters = Backbone.Collection.extend({
  model: Cluster,
  comparator: 'name',
});
