// SPDX-License-Identifier: GPL-2.0-or-later
// The machines that run the servers, as in GET /hosts: {name, uri, connected,
// fresh, as_of, reason, servers, skipped, problems}. The board hatches a host
// that does not answer; its servers remain as last seen.
import { count } from '../words.js';

const Host = Backbone.Model.extend({
  idAttribute: 'name',

  stale() {
    return this.get('fresh') === false || this.get('connected') === false;
  },
});

export const Hosts = Backbone.Collection.extend({
  model: Host,

  // What is not shown of a host, a line each.
  trouble(name) {
    const host = this.get(name);
    const skipped = (host && host.get('skipped')) || [];
    const problems = (host && host.get('problems')) || [];
    return skipped.map((one) => ({
      line: `${one.domain} is not shown: ${one.reason}` })).concat(
      problems.map((line) => ({ line })));
  },

  // The line above a host's servers. Hosts may be polled later than servers, or
  // not answer, so the servers' own freshness counts as well.
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
