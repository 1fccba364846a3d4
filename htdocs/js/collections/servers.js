// SPDX-License-Identifier: GPL-2.0-or-later
// All servers, in numerical order: qa2 before qa10. by_host() groups them as
// the board shows them.
import { Server } from '../models/server.js';

export function natural(a, b) {
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

export const Servers = Backbone.Collection.extend({
  model: Server,
  comparator: (a, b) => natural(a.id, b.id),

  // [[host name, [server, ...]], ...], including hosts without servers, because
  // one that never answered must be shown.
  by_host(host_names) {
    const groups = new Map();
    for (const name of [...host_names].sort(natural)) groups.set(name, []);
    this.each((server) => {
      const host = server.get('host') || 'unknown host';
      if (!groups.has(host)) groups.set(host, []);
      groups.get(host).push(server);
    });
    return [...groups];
  },

  free_names() {
    return this.filter((s) => !s.get('hold') && s.running())
      .map((s) => s.id);
  },
});
