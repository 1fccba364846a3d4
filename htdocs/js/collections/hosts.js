// SPDX-License-Identifier: GPL-2.0-or-later
// The machines that run the servers, as GET /hosts says: {name, uri,
// connected, fresh, as_of, reason, servers, skipped, problems}. A host that
// does not answer is one the board hatches; its servers stay, as they were last
// seen.
import { count } from '../words.js';

const Host = Backbone.Model.extend({
  idAttribute: 'name',

  stale() {
    return this.get('fresh') === false || this.get('connected') === false;
  },
});

export const Hosts = Backbone.Collection.extend({
  model: Host,

  // What of a host is not shown as a server, a line each.
  trouble(name) {
    const host = this.get(name);
    const skipped = (host && host.get('skipped')) || [];
    const problems = (host && host.get('problems')) || [];
    return skipped.map((one) => ({
      line: `${one.domain} is not shown: ${one.reason}` })).concat(
      problems.map((line) => ({ line })));
  },

  // The line over a host's servers. Hosts may be asked later than servers,
  // or not answer, so the servers' own freshness counts too.
  head(name, servers) {
    const host = this.get(name);
    const old = servers.length > 0 && servers.every((s) => !s.fresh());
    const first = servers[0];
    return {
      host: name, uri: host && host.get('uri'),
      amount: count(servers.length, 'server', 'servers'),
      stale: old || Boolean(host && host.stale()),
      trouble: this.trouble(name),
      reason: (host && host.get('reason')) ||
        (first && first.get('stale_reason')),
      as_of: (host && host.get('as_of')) ||
        (first && first.get('state_as_of')),
    };
  },
});
