// SPDX-License-Identifier: GPL-2.0-or-later
// Words for instants. The API's bodies contain instants (RFC 3339, UTC) and
// never ages, so that a body remains true and cacheable; the page makes the
// words, here, and updates them once a second.
//
// A template has <time datetime="{{until}}" data-tick="left"></time>;
// fill(root) words every such element below root, and tick() those of the whole
// page. `now` is the console's time: a browser whose clock is wrong by more
// than a few seconds must not show that a hold has expired.
let offset = 0;

export function now() {
  return Date.now() + offset;
}

// date: the Date header of a reply. Its resolution is a second, and it is as
// old as the transfer, so small differences are ignored.
export function set_from(date) {
  const console_time = Date.parse(date || '');
  if (Number.isNaN(console_time)) return;
  const difference = console_time - Date.now();
  offset = Math.abs(difference) > 3000 ? difference : 0;
}

const minute = 60e3, hour = 60 * minute, day = 24 * hour;
const two = (n) => String(n).padStart(2, '0');
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug',
  'Sep', 'Oct', 'Nov', 'Dec'];

const clock_time = (at) => `${two(at.getHours())}:${two(at.getMinutes())}`;
const month_day = (at) => `${at.getDate()} ${months[at.getMonth()]}` +
  (at.getFullYear() === new Date(now()).getFullYear() ? ''
    : ` ${at.getFullYear()}`);

// Calendar days from a to b, by the reader's midnight.
function days_between(a, b) {
  const midnight = (t) => Date.UTC(t.getFullYear(), t.getMonth(),
    t.getDate());
  return Math.round((midnight(b) - midnight(a)) / day);
}

export function span(ms) {
  const s = Math.max(0, ms) / 1000;
  if (s < 10) return `${Math.max(0.1, s).toFixed(1)} s`;
  if (s < 90) return `${Math.round(s)} s`;
  if (ms < hour) return `${Math.round(ms / minute)} min`;
  if (ms < day) {
    const h = Math.floor(ms / hour), m = Math.floor(ms % hour / minute);
    return h < 10 && m ? `${h} h ${m} min` : `${h} h`;
  }
  const d = Math.round(ms / day);
  return d === 1 ? '1 day' : `${d} days`;
}

function day_and_time(at) {
  const gone = days_between(at, new Date(now()));
  if (gone === 0) return `today ${clock_time(at)}`;
  if (gone === 1) return `yesterday ${clock_time(at)}`;
  if (gone === -1) return `tomorrow ${clock_time(at)}`;
  if (Math.abs(gone) < 7)
    return `${days[at.getDay()]} ${month_day(at)} ${clock_time(at)}`;
  return `${month_day(at)} ${clock_time(at)}`;
}

// An instant of a log, in local time like all others, to the millisecond.
export function log_time(instant) {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return instant;
  return `${clock_time(at)}:${two(at.getSeconds())}.` +
    String(at.getMilliseconds()).padStart(3, '0');
}

// Each returns [text, class or null]; the class only repeats what the text
// says.
const words = {
  when: (at) => [day_and_time(at)],
  data: (at) => [`${month_day(at)} ${clock_time(at)}`],
  until: (at) => [`until ${day_and_time(at).replace('today ', '')}`],
  since: (at) => [`since ${day_and_time(at).replace('today ', '')}`],
  seconds: (at) => [`${day_and_time(at)}:${two(at.getSeconds())}`],
  left: (at) => {
    const ms = at - now();
    if (ms <= 0) return ['expires now', 'soon'];
    return [`${span(Math.max(ms, minute))} left`, ms < hour ? 'soon' : null];
  },
  age: (at) => {
    const gone = days_between(at, new Date(now()));
    if (gone <= 0) return [at.getHours() < 12 ? 'this morning' : 'today'];
    if (gone === 1) return ['yesterday'];
    return [`${gone} days old`, 'old'];
  },
  ago: (at) => {
    const ms = now() - at;
    return [ms < 10e3 ? 'just now' : `${span(ms)} ago`];
  },
  eta: (at) => {
    const ms = at - now();
    return [ms < 1000 ? 'any moment' :
      `about ${span(Math.ceil(ms / 1000) * 1000).replace('.0', '')} left`];
  },
  starts: (at) => {
    const ms = at - now();
    return [ms < 1000 ? 'any moment' :
      `in about ${span(Math.ceil(ms / 1000) * 1000).replace('.0', '')}`];
  },
  running: (at) => [span(now() - at)],
};

export function say(kind, instant) {
  const at = new Date(instant);
  if (!instant || Number.isNaN(at.getTime())) return ['at an unknown time'];
  return words[kind](at);
}

export function fill(root) {
  for (const element of root.querySelectorAll('time[data-tick]')) {
    const [text, mark] = say(element.dataset.tick,
      element.getAttribute('datetime'));
    if (element.textContent !== text) element.textContent = text;
    for (const name of ['soon', 'old'])
      if (element.classList.contains(name) !== (mark === name))
        element.classList.toggle(name, mark === name);
    if (!element.title) element.title = title_of(element);
  }
}

function title_of(element) {
  const at = new Date(element.getAttribute('datetime'));
  return Number.isNaN(at.getTime()) ? '' : at.toString();
}

export function start_ticking() {
  return setInterval(() => fill(document), 1000);
}
