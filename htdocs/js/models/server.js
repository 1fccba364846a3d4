// SPDX-License-Identifier: GPL-2.0-or-later
// A test server, as in GET /servers: {name, host, state, fresh, stale_reason,
// hold, configuration, job, last_job, undo, drift, checked_at, problem}. row()
// has what a row of the board and the head of the panel show; it returns words
// and instants only, so that templates need no logic and clock.js does all
// ticking.
import { safe_link } from '../dom.js';
import { data_instant, initials, revision } from '../words.js';
import { drift_mark } from './drift.js';
import { job_short_words, last_job_words } from './job.js';

const dots = { running: '', 'shut off': 'off', paused: 'paused' };

export const Server = Backbone.Model.extend({
  idAttribute: 'name',

  held_by(me) {
    const hold = this.get('hold');
    return Boolean(hold && me.is(hold.user));
  },

  fresh() {
    return this.get('fresh') !== false;
  },

  running() {
    return this.fresh() && this.get('state') === 'running';
  },

  searchable() {
    const { name, host, state, hold, configuration: on } = this.attributes;
    return [name, host, state, hold ? `${hold.user} ${hold.note || ''}`
      : 'free', this.get('drift') ? 'drift' : '',
    on ? `${on.application} ${on.path}@${on.revision}` : '']
      .join(' ').toLowerCase();
  },

  // The one action that a row offers. All others are in the panel.
  action(me) {
    const link = `#/servers/${encodeURIComponent(this.id)}`;
    const job = this.get('job');
    if (job) return { watch: true, label: 'Watch', link: `#/jobs/${job.id}` };
    if (!this.running()) return { look: true, label: 'Details', link };
    if (this.held_by(me)) return { label: 'Build', act: 'build',
      primary: true };
    if (!this.get('hold')) return { label: 'Reserve', act: 'reserve' };
    return { look: true, label: 'Details', link };
  },

  row(me) {
    const { name, host, state, hold, job, last_job } = this.attributes;
    const shown = this.fresh() ? state : 'unknown';
    return {
      name, host, state: shown, href: `#/servers/${encodeURIComponent(name)}`,
      dot: shown in dots ? dots[shown] : 'unknown',
      show_state: shown !== 'running',
      stale: !this.fresh(), stale_reason: this.get('stale_reason'),
      as_of: this.get('state_as_of'),
      mine: this.held_by(me), hold: hold && hold_words(hold, me, last_job),
      on: on_words(this.get('configuration'), me, last_job),
      job: job && job_short_words(job),
      last: !job && last_job && last_job_words(last_job, me),
      drift: drift_mark(this.get('drift')),
      action: this.action(me), problem: this.get('problem'),
    };
  },
});

// last_job: the last ended job of the server. A hold that was to end with that
// job but did not lasts until its time.
export function hold_words(hold, me, last_job = null) {
  return { ...hold, who: me.call(hold.user), initials: initials(hold.user),
    with_job: Boolean(hold.job) && last_job?.id !== hold.job };
}

// configuration: what is on the server; null if nothing was built yet.
export function on_words(configuration, me, last_job) {
  if (!configuration) return null;
  const on = configuration;
  return {
    ...on, revision: revision(on.revision), full_revision: on.revision,
    link: safe_link(on.url), who: me.call(on.user),
    data_at: data_instant(on.database),
    database_name: on.database && on.database.name,
    generation: on.database && on.database.generation,
    undated: Boolean(on.database) && !on.database.data_at,
    kept_after_failure: on.verified === false && !(last_job &&
      last_job.id === on.job && last_job.outcome === 'succeeded'),
  };
}
