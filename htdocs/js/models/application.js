// SPDX-License-Identifier: GPL-2.0-or-later
// What can be put on a server, as GET /applications says: {name, kind,
// cluster, servers, bases (newest first), spares, fresh, usual_ms}.
import { span } from '../clock.js';
import { data_instant, matches, size } from '../words.js';

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

  // A revision as the repository writes it; the field's pattern and hint.
  revision_form() {
    return this.get('kind') === 'git'
      ? { pattern: '[0-9a-f]{7,40}', hint: '7 to 40 hexadecimal digits' }
      : { pattern: '[0-9]{1,10}', hint: 'a revision number' };
  },

  card() {
    const [newest, ...older] = this.bases();
    const spares = this.get('spares');
    return {
      name: this.id, newest: newest && { ...newest,
        data_at: data_instant(newest), size: size(newest.size) },
      older: older.length, stale: this.get('fresh') === false,
      stale_reason: this.get('stale_reason'),
      spares: spares > 0 && `${spares} ${spares === 1 ? 'spare'
        : 'spares'}`,
    };
  },
});
