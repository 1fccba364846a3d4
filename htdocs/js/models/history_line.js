// SPDX-License-Identifier: GPL-2.0-or-later
// A line of a server's or an application's history: {seq, at, event, user,
// detail, hold, configuration, job?}. Each line has the whole resulting hold
// and configuration, so the current one is found by comparing jobs, not by
// counting back.
import { span } from '../clock.js';
import { data_instant, revision } from '../words.js';

const hold_events = { reserved: 'Reserved by', extended: 'Extended by',
  released: 'Released by', expired: 'Hold expired, of',
  taken_over: 'Taken over by' };

// Jobs other than build and undo, by what they do: one line each.
const others = { keep: 'Undo kept by', adopt: 'Database taken over by',
  publish: 'Base published by', refresh: 'Refreshed by',
  spare: 'Spare made by', drop: 'Orphaned database dropped by',
  power: 'Power used by', snapshot: 'Snapshot used by',
  provision: 'Created by', retire: 'Deleted by' };
const nouns = { keep: 'Keeping the undo, by', adopt: 'Taking over, by',
  publish: 'Publishing, by', refresh: 'Refresh by', spare: 'Spare, by',
  drop: 'Dropping, by', power: 'Power, by', snapshot: 'Snapshot, by',
  provision: 'Creation, by', retire: 'Deletion, by' };
const said_by_event = {
  build_moved: 'Build moved on to another server, by',
  adopt_asked: 'Database inspected by',
  started: 'Started by', shut_down: 'Shut down by', rebooted: 'Rebooted by',
  was_reset: 'Reset by', snapshot_taken: 'Snapshot taken by',
  reverted: 'Reverted to a snapshot by',
  snapshot_deleted: 'Snapshot deleted by' };

export const HistoryLine = Backbone.Model.extend({
  idAttribute: 'seq',

  // about: {me, current_job: the job whose configuration is on the server,
  // undo: the number of the job that the reader may undo, bases}.
  words(about) {
    const { at, event, user, detail, hold, job } = this.attributes;
    const words = { seq: this.id, at, who: about.me.call(user), detail,
      key: `line-${this.id}` };
    if (event in hold_events)
      // The console's detail repeats this, except for the previous holder.
      return { ...words, hold_event: hold_events[event], event: true,
        detail: event === 'taken_over' && detail,
        until: ['reserved', 'extended', 'taken_over'].includes(event) &&
          hold && hold.until,
        note: hold && event !== 'released' && event !== 'expired' &&
          hold.note };
    if (!job) return { ...words, other: said_by_event[event] || event,
      event: true };
    const said = { ...words, ...this.ended_words(), job_id: job.id,
      job_href: `#/jobs/${job.id}` };
    return (job.kind || 'build') === 'build' || job.kind === 'undo'
      ? { ...said, ...this.switch_words(about) }
      : { ...said, ...this.other_words(about) };
  },

  ended_words() {
    const { event, job } = this.attributes;
    const bad = event.endsWith('_failed');
    const what = job.kind || 'build';
    return {
      bad, cancelled: event.endsWith('_cancelled'),
      failed: bad && (job.failed_step && job.failed_step !== what
        ? `${job.failed_step} failed` : 'failed'),
      took: typeof job.duration_ms === 'number' && span(job.duration_ms),
    };
  },

  // A build, or an undo: what each put on the server.
  switch_words({ current_job, undo }) {
    const { event, configuration, job } = this.attributes;
    const back = job.kind === 'undo', asked = job.arguments || {};
    const carried = configuration && configuration.job === job.id
      ? configuration : null;
    const to = back ? asked.previous || carried || {} : asked;
    const database = carried ? carried.database : back && to.database;
    return {
      build: true, back, lead: back && (carried ? 'Undone: back to'
        : 'Undo, back to'), application: to.application || job.application ||
        (carried && carried.application),
      path: to.path, note: !back && asked.note,
      revision: revision(back ? to.revision : job.revision || to.revision),
      data_at: data_instant(database),
      generation: database && database.generation,
      kept_data: asked.database === 'none' || (back &&
        asked.database === false),
      undone_job: back && carried && asked.job,
      now: Boolean(carried) && job.id === current_job,
      left: !carried && event !== 'built' && event !== 'undone',
      kept: event.endsWith('_failed') && Boolean(carried),
      again: !back && Boolean(asked.path),
      undo: Boolean(undo) && job.id === undo && Boolean(carried),
    };
  },

  other_words({ bases }) {
    const { event, job } = this.attributes;
    const { kind, committed, arguments: args } = job;
    const whole = !event.endsWith('_failed') && !event.endsWith('_cancelled');
    const generation = kind === 'spare' ? (args || {}).generation
      : job.generation;
    const base = whole && generation && (bases || []).find(
      (b) => b.generation === generation);
    const data_at = (whole && job.data_at) || (base && base.data_at);
    const hours = kind === 'keep' && (args || {}).hours;
    const kept = Date.parse(job.created_at) + hours * 3600e3;
    return {
      plain: said_by_event[event] || (kind === 'refresh' && whole &&
        committed === false ? 'Nothing newer, requested by'
        : (whole ? others : nouns)[kind] || event),
      event: true, generation: whole && generation,
      data_at,
      kept_until: whole && hours > 0 && kept > 0 &&
        new Date(kept).toISOString(),
      // The line already shows what this detail has in UTC and digits.
      detail: whole && (kind === 'keep' || (kind === 'refresh' && data_at))
        ? null : this.get('detail') || job.detail,
    };
  },

  // The build that "again" requests: the same path, its resolved revision, and
  // the newest data.
  again() {
    const job = this.get('job');
    const asked = job.arguments || {};
    return { application: asked.application ||
        (this.get('configuration') || {}).application,
      path: asked.path, revision: job.revision || asked.revision || '',
      database: 'newest', checkout: true };
  },
});
