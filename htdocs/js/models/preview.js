// SPDX-License-Identifier: GPL-2.0-or-later
// What a build would write, as in GET /jobs/N/preview: {path, revision,
// generation, at, pending, files: [{path, state, mode, owner, text, diff,
// left_out}]}. Secrets are masked on both sides of a diff. A diff becomes lines
// with a kind each; their contents stay text.
import { count, generation_instant, revision } from '../words.js';

// The page shows only the start of a longer diff; the console has all of it.
const most_lines = 1500;
const tones = { new: 'run', changed: 'warn', same: '' };
const said = { new: 'new', changed: 'changes', same: 'unchanged' };

function kind_of(line) {
  if (line.startsWith('+++') || line.startsWith('---')) return 'head';
  if (line.startsWith('@@')) return 'hunk';
  return { '+': 'add', '-': 'del' }[line[0]] || 'same';
}

// Drops the two lines that name the file, which the title already does.
function lines_of(diff) {
  let body = false;
  return diff.replace(/\n$/, '').split('\n').map((text) => {
    body = body || text.startsWith('@@');
    const kind = kind_of(text);
    return { text, kind: body && kind === 'head'
      ? { '+': 'add', '-': 'del' }[text[0]] : kind };
  }).filter(({ kind }) => kind !== 'head');
}

function file_words(file, index) {
  const lines = file.diff ? lines_of(file.diff) : [];
  return {
    key: `file-${index}`, path: `/${file.path}`, said: said[file.state] ||
      file.state, tone: tones[file.state] || '', left_out: file.left_out,
    // A new file has neither on the guest.
    owner: [file.owner, file.mode].filter(Boolean).join(' '),
    lines: lines.slice(0, most_lines), has_lines: lines.length > 0,
    cut: lines.length > most_lines && count(lines.length - most_lines,
      'line', 'lines'),
    text: file.text, has_text: typeof file.text === 'string',
  };
}

export function preview_words(preview) {
  const files = preview.files || [];
  const differ = files.filter((f) => f.state !== 'same').length;
  // Changed files first.
  const order = [...files].sort((a, b) => (a.state === 'same') -
    (b.state === 'same'));
  return {
    ...preview, revision: revision(preview.revision),
    data_at: generation_instant(preview.generation),
    amount: count(files.length, 'file', 'files'),
    differ: differ ? `${differ} would change` : 'none would change',
    files: order.map(file_words), has_files: files.length > 0,
  };
}
