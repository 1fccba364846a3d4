// SPDX-License-Identifier: GPL-2.0-or-later
// The subject of a job, by its kind. A build has a path; an undo has a
// configuration to restore; all others have a few words (`extra`). Members that
// a console does not send are left out of the words.
import { span } from '../clock.js';
import { data_instant, generation_instant, revision } from '../words.js';

const done = { build: 'built', undo: 'undone', keep: 'undo kept',
  adopt: 'adopted', refresh: 'refreshed', spare: 'spare made',
  publish: 'published', drop: 'dropped', power: 'done', snapshot: 'done',
  preview: 'previewed', check: 'checked', provision: 'made',
  retire: 'retired' };

const extras = {
  build: ({ revert }) => revert && `after reverting to snapshot ${revert}`,
  provision: ({ host, image }) => `from image ${image} on ${host}`,
  keep: ({ hours }) => hours > 0 && `for ${span(hours * 3600e3)}`,
  refresh: ({ again }) => again && 'also when the dump is not newer',
  publish: ({ database }) => database && `from ${database}`,
  drop: ({ database, cluster }) => `${database || ''} on ${cluster || ''}`,
  spare: ({ generation }) => generation && `of generation ${generation}`,
  power: ({ action, force }) => (force ? 'force off' : action),
  snapshot: ({ action, name }) => `${action || ''} ${name || ''}`,
  adopt: ({ oid }) => (oid ? `OID ${oid}` : 'an inspection of the database'),
};

// {verb, lead, path, revision, to_data_at, extra}; args: a job's arguments.
export function subject(kind, args) {
  const verb = kind && kind !== 'build' ? kind : '';
  if (kind === 'undo') {
    const to = args.previous || {};
    return { verb, lead: 'back to', path: to.path,
      revision: revision(to.revision), to_data_at: data_instant(to.database) };
  }
  return { verb, path: args.path, revision: revision(args.revision),
    extra: (extras[kind] && extras[kind](args)) || '' };
}

// The end of a job, in the words of a tag.
export function ended(kind, outcome, failed_step) {
  if (outcome === 'succeeded') return done[kind || 'build'] || outcome;
  if (outcome !== 'failed') return kind && kind !== 'build'
    ? `${kind} ${outcome}` : outcome;
  if (!kind || kind === 'build') return `${failed_step || 'build'} failed`;
  return failed_step && failed_step !== kind
    ? `${kind} failed in ${failed_step}` : `${kind} failed`;
}

// The date of a generation's data by the application's list of bases; for one
// that is no longer kept, the instant in its name.
export function generation_data(generation, bases) {
  const base = (bases || []).find((b) => b.generation === generation);
  return base ? data_instant(base) : generation_instant(generation);
}
