// SPDX-License-Identifier: GPL-2.0-or-later
// A server's history, newest first, with "again" on every build: it opens
// the build dialog filled in with the same path and resolved revision and
// the newest data. New lines come by polling, older ones when asked for.
import { get } from '../api.js';
import { History } from '../collections/history.js';
import { show } from '../dom.js';
import { start_action } from './actions.js';

export const HistoryView = Backbone.View.extend({
  events: {
    'click [data-again]': 'again',
    'click [data-do=older]': 'older',
  },

  initialize({ world, server }) {
    this.world = world;
    this.server = server;
    this.path = `servers/${encodeURIComponent(server)}/history`;
    this.lines = new History();
    this.listenTo(this.lines, 'taken', this.render);
    this.listenTo(world.servers, 'change:configuration', this.render);
    this.listenTo(world.me, 'change', this.render);
    this.stop = world.poller.watch(this.path, 3,
      (body) => { this.heard = true; this.lines.take(body); },
      { failed: (problem) => this.fail(problem) });
    this.render();
  },

  // The element is the drawer's; only what we put into it goes with us.
  remove() {
    this.stop();
    this.undelegateEvents();
    return this.stopListening();
  },

  render() {
    const { me, servers } = this.world;
    const server = servers.get(this.server);
    const on = server && server.get('configuration');
    show(this.el, 'history', {
      lines: this.lines.map((line) => line.words(me, on && on.job)),
      empty: !this.lines.length && (this.heard
        ? 'Nothing has happened here yet.' : 'Reading\u2026'),
      more: this.lines.before !== null, problem: this.problem });
    return this;
  },

  fail(problem) {
    this.problem = problem.detail;
    this.heard = true;
    this.render();
  },

  async older() {
    const before = encodeURIComponent(this.lines.before);
    this.problem = null;
    try {
      const { body } = await get(`${this.path}?before=${before}`);
      this.lines.take(body, true);
    } catch (problem) {
      this.fail(problem);
    }
  },

  again(event) {
    const line = this.lines.get(Number(event.currentTarget.dataset.again));
    start_action(this.world, 'build', this.server, line.again());
  },
});
