// SPDX-License-Identifier: GPL-2.0-or-later
// A server's undo in words: what it restores, until when, and whether the
// reader may request it. The console offers one (server.undo) while it is
// possible, and decides again on a request.
import { now } from '../clock.js';
import { data_instant, revision } from '../words.js';

const minute = 60e3;

// Whether the switch to be undone swapped databases: then the former one has an
// end, or the job's arguments say so. null: unknown.
function swapped(undo, jobs, on) {
  if (undo.until) return true;
  const job = jobs.get(undo.job);
  const wanted = job && (job.get('arguments') || {}).database;
  if (wanted !== undefined && wanted !== null)
    return wanted !== 'none' && wanted !== false;
  const to = undo.configuration || {};
  const there = on && on.database && on.database.generation;
  return to.generation && there && to.generation !== there ? true : null;
}

// Keeping the data longer is offered only for a gain of a minute or more.
function may_move(undo) {
  const most = Date.parse(undo.keep_until || '');
  const until = Date.parse(undo.until || '');
  return most > until + minute && most > now() + minute;
}

export function undo_words(server, { me, jobs }) {
  const undo = server.get('undo');
  if (!undo) return null;
  const to = undo.configuration || {}, on = server.get('configuration');
  const swaps = swapped(undo, jobs, on);
  const may = server.held_by(me) || Boolean(me.get('admin'));
  const still = !server.get('job');
  return {
    job: undo.job, job_href: `#/jobs/${undo.job}`, who: me.call(undo.user),
    application: to.application, path: to.path,
    revision: revision(to.revision), generation: to.generation,
    data_at: data_instant(to), until: undo.until,
    keep_until: undo.keep_until, swaps, keeps_data: swaps === false,
    can_undo: may && still && server.running(),
    can_keep: may && still && may_move(undo),
    not_yours: !may,
  };
}
