// SPDX-License-Identifier: GPL-2.0-or-later
// An application that can be built on a server, as in GET /applications: {name,
// kind, cluster, servers, bases (newest first), generations_kept, data_at,
// spares, spares_wanted, last_refresh, refresh, can_refresh, fresh, usual_ms}.
import { span } from '../clock.js';
import { count, data_instant, matches, size } from '../words.js';
import { last_refresh_words, refresh_words } from './refresh.js';

export const Application = Backbone.Model.extend({
  idAttribute: 'name',

  fits(server_name) {
    return matches(this.get('servers'), server_name);
  },

  bases() {
    return this.get('bases') || [];
  },

  usual() {
    return this.get('usual_ms') > 0 ? span(this.get('usual_ms')) : null;
  },

  // The syntax of a revision: the field's pattern and hint.
  revision_form() {
    return this.get('kind') === 'git'
      ? { pattern: '[0-9a-fA-F]{7,40}', hint: '7 to 40 hexadecimal digits' }
      : { pattern: '[rR]?[0-9]{1,10}|HEAD', hint: 'a revision number' };
  },

  // The date of the data of the next new database.
  data_at() {
    return data_instant(this.bases()[0]) || this.get('data_at') || null;
  },

  // "2 of 3 spares"; nothing if none are configured and none exist.
  spare_words() {
    const ready = this.get('spares') || 0, wanted = this.get('spares_wanted');
    if (!(wanted > 0))
      return ready ? { said: count(ready, 'spare', 'spares'), full: true }
        : null;
    return { full: ready >= wanted,
      said: ready >= wanted ? count(ready, 'spare', 'spares')
        : `${ready} of ${count(wanted, 'spare', 'spares')}` };
  },

  // The words about its data for card, page and build dialog.
  words(me) {
    const [newest, ...older] = this.bases();
    const { name, cluster, kind, fresh, can_refresh } = this.attributes;
    const refresh = refresh_words(this.get('refresh'), me);
    return {
      name, cluster, kind, href: `#/data/${encodeURIComponent(name)}`,
      newest: newest && base_words(newest),
      data_at: this.data_at(), older: older.length,
      stale: fresh === false, stale_reason: this.get('stale_reason'),
      spares: this.spare_words(), refresh,
      last: last_refresh_words(this.get('last_refresh'), me),
      may_refresh: Boolean(can_refresh && me.get('admin') && !refresh),
      no_dump: can_refresh === false && Boolean(cluster),
      keeps: this.get('generations_kept') > 0 && cluster &&
        `keeps ${count(this.get('generations_kept'), 'generation',
          'generations')}`,
      bases: this.bases().map((base, index) => ({ ...base_words(base),
        newest: index === 0 })),
    };
  },
});

function base_words(base) {
  return { ...base, data_at: data_instant(base), size: size(base.size),
    undated: !base.data_at };
}
