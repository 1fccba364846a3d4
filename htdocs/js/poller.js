// SPDX-License-Identifier: GPL-2.0-or-later
// All polling of the page. A view never sets a timer to fetch: it calls
// watch(path, seconds, take), gets take(body) whenever the body has changed,
// and stops by calling the function that watch() returned.
//
// - Every watch keeps its ETag; an unchanged body costs a 304 and no work. - A
// hidden tab polls ten times less often, and at once when it is shown. -
// Without an answer a watch waits twice as long, up to half a minute. When a
//   `vital` watch had no answer twice in a row, `link` reports it ({answering:
//   false, since}), and the page marks everything on it as stale until the next
//   answer.
// - A 4xx is an answer: failed(problem) is called, and polling continues
// slowly.
//
// Rejected: server-sent events. They would occupy one of few FastCGI processes
// per open page; a 304 costs about as much as a static file.
import { Problem, get } from './api.js';
import { now } from './clock.js';

const hidden_factor = 10;
const longest_wait = 30;

export class Poller {
  constructor(link) {
    this.link = link;
    this.watches = new Set();
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.now();
    });
    window.addEventListener('online', () => this.now());
  }

  // path: text, or a function for a path that changes (a log's offset).
  // take(body) may return the seconds until the next request, once; 0 for at
  // once, or false to end the watch.
  watch(path, seconds, take, { vital = false, raw = false,
    failed = () => {} } = {}) {
    const watch = { path, seconds, take, vital, raw, failed,
      etag: null, misses: 0, timer: null, busy: false, stopped: false };
    this.watches.add(watch);
    this.ask(watch);
    return () => this.stop(watch);
  }

  // Polls at once every path that starts with a prefix, because of a change.
  now(...prefixes) {
    for (const watch of this.watches) {
      const path = this.path_of(watch);
      if (!prefixes.length || prefixes.some((p) => path.startsWith(p)))
        this.ask(watch);
    }
  }

  stop(watch) {
    watch.stopped = true;
    clearTimeout(watch.timer);
    this.watches.delete(watch);
  }

  path_of(watch) {
    return typeof watch.path === 'function' ? watch.path() : watch.path;
  }

  async ask(watch) {
    if (watch.stopped) return;
    if (watch.busy) { watch.again = true; return; }
    clearTimeout(watch.timer);
    watch.busy = true;
    let wait = watch.seconds;
    try {
      const reply = await get(this.path_of(watch),
        { etag: watch.etag, raw: watch.raw });
      this.answered(watch);
      if (reply.changed && !watch.stopped) {
        watch.etag = watch.raw ? null : reply.etag;
        const wish = watch.take(reply.body, reply.finished);
        if (wish === false) this.stop(watch);
        else if (typeof wish === 'number') wait = wish;
      }
    } catch (problem) {
      wait = this.unanswered(watch, problem);
    }
    watch.busy = false;
    if (watch.again) { watch.again = false; wait = 0; }
    this.plan(watch, wait);
  }

  plan(watch, wait) {
    if (watch.stopped) return;
    const factor = document.hidden ? hidden_factor : 1;
    watch.timer = setTimeout(() => this.ask(watch), wait * factor * 1000);
  }

  answered(watch) {
    watch.misses = 0;
    this.link.set({ heard: now() }, { silent: true });
    if (watch.vital) this.link.set({ answering: true, since: null });
  }

  unanswered(watch, problem) {
    if (watch.stopped) return watch.seconds;
    if (!(problem instanceof Problem)) {  // an error in take(), not a reply
      console.error(problem);
      return longest_wait;
    }
    if (problem.answered) {
      this.answered(watch);
      watch.failed(problem);
      return Math.max(watch.seconds, 5);
    }
    watch.misses += 1;
    if (watch.vital && watch.misses >= 2 && this.link.get('answering'))
      this.link.set({ answering: false, detail: problem.detail,
        since: new Date(this.link.get('heard') || now()).toISOString() });
    return Math.min(watch.seconds * 2 ** watch.misses, longest_wait);
  }
}
