// SPDX-License-Identifier: GPL-2.0-or-later
// A job's log, live. It requests what follows the last byte it has (GET
// /jobs/N/log?from=), so a log of any length is sent once; an incomplete
// multi-byte character at the end of an answer waits in the decoder for its
// rest. It follows the end while the reader is at the end, as a terminal does.
// Lines are text nodes: whatever a build prints stays text.
import { address } from '../api.js';
import { log_time } from '../clock.js';

const most_lines = 4000;
// "2026-11-22T20:33:29.817Z checkout Checked out revision 34."
const stamp = /^(\d{4}-\S+Z) ([a-z]+)( .*|)$/s;

function span(name, text) {
  const element = document.createElement('span');
  element.className = name;
  element.textContent = text;
  return element;
}

export const LogView = Backbone.View.extend({
  events: { 'click [data-do=follow]': 'to_the_end' },

  initialize({ world, job }) {
    this.job = job;
    this.offset = 0;
    this.rest = '';
    this.lines = 0;
    this.decoder = new TextDecoder();
    this.build();
    const path = () => `jobs/${job.id}/log?from=${this.offset}`;
    this.stop = world.poller.watch(path, 0.5,
      (bytes, finished) => this.take(bytes, finished),
      { raw: true, failed: (problem) => this.fail(problem) });
  },

  remove() {
    this.stop();
    return Backbone.View.prototype.remove.call(this);
  },

  // Made once and by hand: a template would be compared with a log of thousands
  // of lines at every change.
  build() {
    const bar = document.createElement('div');
    bar.className = 'logbar';
    const title = document.createElement('h2');
    title.textContent = 'Log';
    this.note = document.createElement('span');
    this.note.className = 'dim';
    this.follow = document.createElement('button');
    Object.assign(this.follow, { type: 'button', className: 'btn small',
      textContent: 'Go to the end', hidden: true });
    this.follow.dataset.do = 'follow';
    const whole = document.createElement('a');
    Object.assign(whole, { className: 'btn small',
      href: address(`jobs/${this.job.id}/log`), textContent: 'Download',
      download: `berth-job-${this.job.id}.log` });
    bar.append(title, this.note, this.follow, whole);
    this.pane = document.createElement('pre');
    this.pane.className = 'log';
    this.pane.tabIndex = 0;
    this.pane.setAttribute('role', 'log');
    this.pane.setAttribute('aria-label', `Log of job ${this.job.id}`);
    this.pane.addEventListener('scroll', () => this.scrolled());
    this.el.replaceChildren(bar, this.pane);
  },

  take(bytes, finished) {
    const at_end = this.at_end();
    this.offset += bytes.byteLength;
    const text = this.rest + this.decoder.decode(bytes, { stream: true });
    const lines = text.split('\n');
    this.rest = lines.pop();
    this.add(lines);
    if (finished && this.rest) this.add([this.rest]);
    this.finished = finished;
    this.say();
    if (at_end) this.to_the_end();
    if (finished) return false;
    return bytes.byteLength > 0 ? 0.2 : undefined;
  },

  add(lines) {
    const added = document.createDocumentFragment();
    for (const line of lines) added.append(this.line(line));
    this.pane.append(added);
    this.lines += lines.length;
    while (this.lines > most_lines) {
      this.pane.firstChild.remove();
      this.lines -= 1;
      this.cut = true;
    }
  },

  line(text) {
    const line = document.createElement('div');
    const parts = stamp.exec(text);
    if (!parts) {
      line.textContent = text || ' ';
      return line;
    }
    const [, instant, step, rest] = parts;
    line.append(span('t', log_time(instant)), span('s', step), rest);
    line.title = instant;
    return line;
  },

  fail(problem) {
    this.note.textContent = problem.status === 404
      ? 'no log (not written yet, or already removed)' : problem.detail;
  },

  say() {
    const what = this.finished ? `${this.lines} lines`
      : !this.lines ? 'nothing written yet'
        : this.at_end() ? 'following' : 'paused';
    this.note.textContent = this.cut
      ? `${what}, the last ${most_lines}; Download has all` : what;
    this.follow.hidden = this.at_end();
  },

  at_end() {
    const { scrollTop, scrollHeight, clientHeight } = this.pane;
    return scrollHeight - scrollTop - clientHeight < 24;
  },

  scrolled() {
    this.say();
  },

  to_the_end() {
    this.pane.scrollTop = this.pane.scrollHeight;
    this.follow.hidden = true;
  },
});
