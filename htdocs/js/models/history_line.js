// SPDX-License-Identifier: GPL-2.0-or-later
// One line of a server's history: {seq, at, event, user, detail, hold,
// configuration, job?}. Each line carries the whole hold and configuration
// that resulted, so "on it" is told by comparing jobs, not by counting back.
import { span } from '../clock.js';
import { data_instant, revision } from '../words.js';

const hold_events = { reserved: 'Reserved by', extended: 'Extended by',
  released: 'Released by', expired: 'Hold ran out, of',
  taken_over: 'Taken over by' };

export const HistoryLine = Backbone.Model.extend({
  idAttribute: 'seq',

  words(me, current_job) {
    const { at, event, user, detail, hold, job } = this.attributes;
    const words = { seq: this.id, at, who: me.call(user), detail,
      key: `line-${this.id}` };
    if (event in hold_events)
      // The console's sentence says the same again, except who lost it.
      return { ...words, hold_event: hold_events[event], event: true,
        detail: event === 'taken_over' && detail,
        until: ['reserved', 'extended', 'taken_over'].includes(event) &&
          hold && hold.until,
        note: hold && event !== 'released' && event !== 'expired' &&
          hold.note };
    if (!job) return { ...words, other: event, event: true };
    return { ...words, ...this.job_words(current_job) };
  },

  job_words(current_job) {
    const { event, configuration, job } = this.attributes;
    const asked = job.arguments || {};
    const carried = configuration && configuration.job === job.id
      ? configuration : null;
    const database = carried && carried.database;
    const bad = event.endsWith('_failed');
    return {
      build: true, bad, job_id: job.id, job_href: `#/jobs/${job.id}`,
      application: asked.application || (carried && carried.application),
      path: asked.path, note: asked.note,
      revision: revision(job.revision || asked.revision),
      data_at: data_instant(database),
      kept_data: asked.database === 'none',
      now: Boolean(carried) && job.id === current_job,
      failed: bad && `${job.failed_step || 'build'} failed`,
      cancelled: event.endsWith('_cancelled'),
      left: !carried && event !== 'built',
      kept: bad && Boolean(carried),
      took: typeof job.duration_ms === 'number' && span(job.duration_ms),
      again: Boolean(asked.path),
    };
  },

  // The build that "again" asks for: same path, the revision it resolved
  // to, and the newest data.
  again() {
    const job = this.get('job');
    const asked = job.arguments || {};
    return { application: asked.application ||
        (this.get('configuration') || {}).application,
      path: asked.path, revision: job.revision || asked.revision || '',
      database: 'newest', checkout: true };
  },
});
