// SPDX-License-Identifier: GPL-2.0-or-later
// How a server differs from its last build, in words. A server's `drift` is the
// finding of the last check: {files: [{path, state}], edits, names, problems,
// as_of, job}; null if nothing differs or if it was not checked, which
// `checked_at` distinguishes.
import { count } from '../words.js';

const states = { changed: 'was changed', missing: 'is missing',
  replaced: 'is not a regular file',
  mode: 'has another owner or mode' };

// The few words of a mark.
export function drift_mark(drift) {
  if (!drift) return null;
  const { files = [], edits = 0, problems = [] } = drift;
  return [files.length && count(files.length, 'file', 'files'),
    edits && count(edits, 'edit', 'edits'),
    problems.length && count(problems.length, 'problem', 'problems'),
  ].filter(Boolean).join(', ') || 'something differs';
}

export function drift_words(server) {
  const drift = server.get('drift'), on = server.get('configuration');
  const words = { nothing_built: !on, at: server.get('checked_at'),
    can_check: Boolean(on) && server.running() };
  if (!drift) return words;
  const { files = [], edits = 0, names = [], problems = [] } = drift;
  const more = edits - names.length;
  return {
    ...words, drifted: true, mark: drift_mark(drift), at: drift.as_of,
    job: drift.job, job_href: `#/jobs/${drift.job}`, problems,
    files: files.map(({ path, state }) => ({ path: `/${path}`,
      state: states[state] || state })),
    edits: edits > 0 && count(edits, 'edit', 'edits'), names,
    more: names.length > 0 && more > 0 && `and ${more} more`,
  };
}
