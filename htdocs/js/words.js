// SPDX-License-Identifier: GPL-2.0-or-later
// Words for the API's values: numbers, claims, revisions. Every function is
// pure and returns plain text; templates escape it.

export function initials(user) {
  const parts = String(user || '?').split(/[._@-]+/).filter(Boolean);
  const text = parts.length > 1 ? parts[0][0] + parts[1][0]
    : (parts[0] || '?').slice(0, 2);
  return text.toUpperCase();
}

export function ordinal(n) {
  const tail = n % 100 > 10 && n % 100 < 14 ? 'th'
    : ['th', 'st', 'nd', 'rd'][n % 10] || 'th';
  return `${n}${tail}`;
}

export function count(n, one, many) {
  return `${n} ${n === 1 ? one : many}`;
}

export function size(bytes) {
  if (typeof bytes !== 'number' || !(bytes >= 0)) return '';
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let n = bytes, unit = 0;
  while (n >= 1000 && unit < units.length - 1) { n /= 1000; unit += 1; }
  return `${n < 10 && unit ? n.toFixed(1) : Math.round(n)} ${units[unit]}`;
}

// Memory and disks of machines are counted in powers of 1024.
export function binary_size(bytes) {
  if (typeof bytes !== 'number' || !(bytes >= 0)) return '';
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let n = bytes, unit = 0;
  while (n >= 1024 && unit < units.length - 1) { n /= 1024; unit += 1; }
  return `${Number(n < 10 ? n.toFixed(1) : n.toFixed(0))} ${units[unit]}`;
}

// git hashes are shortened for comparison by eye; svn numbers are complete.
export function revision(text) {
  const whole = String(text === null || text === undefined ? '' : text);
  return /^[0-9a-f]{12,40}$/.test(whole) && !/^[0-9]{1,10}$/.test(whole)
    ? whole.slice(0, 7) : whole;
}

// "server:qa1" and "copies:db1" as objects that a person waits for.
export function claim(name) {
  const [kind, what] = String(name).split(/:(.*)/s);
  if (kind === 'server') return what;
  if (kind === 'copies') return `a copy on ${what}`;
  return String(name);
}

// "waits for a copy on db1 (held by #1483 of bob)"
export function waiting(waits) {
  if (!waits) return '';
  const owner = waits.holder_user ? ` of ${waits.holder_user}` : '';
  const holder = waits.holder ? `held by #${waits.holder}${owner}`
    : waits.holder_user ? `held by ${waits.holder_user}` : '';
  return `waits for ${claim(waits.claim)}${holder ? ` (${holder})` : ''}`;
}

// The instant of a generation, whose name is its UTC time in 14 digits.
export function generation_instant(generation) {
  const m = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(generation || '');
  return m ? `${m[1]}-${m[2]}-${m[3]}T${m[4]}:${m[5]}:${m[6]}Z` : null;
}

// The date of the data: the dump's instant or, if that is unknown, the
// generation's.
export function data_instant(base) {
  return base ? base.data_at || generation_instant(base.generation) : null;
}

// Whether `name` matches one of the configuration's patterns ("qa*").
export function matches(patterns, name) {
  const list = Array.isArray(patterns) ? patterns
    : String(patterns || '*').split(/[\s,]+/);
  return list.some((pattern) => {
    const source = String(pattern).replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*').replace(/\?/g, '.');
    return new RegExp(`^${source}$`).test(name);
  });
}
