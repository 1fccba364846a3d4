// SPDX-License-Identifier: GPL-2.0-or-later
// The history of a server or of an application's data, newest first. A build
// has "again", which opens the build dialog with the same path, its resolved
// revision and the newest data; the current build has "undo" if the reader may
// request it. New lines arrive by polling, older ones on request.
import { get } from '../api.js';
import { History } from '../collections/history.js';
import { show } from '../dom.js';
import { undo_words } from '../models/undo.js';
import { start_action } from './actions.js';

export const HistoryView = Backbone.View.extend({
  events: {
    'click [data-again]': 'again',
    'click [data-do=older]': 'older',
  },

  // One of server and application, by name.
  initialize({ world, server = null, application = null }) {
    Object.assign(this, { world, server, application });
    const place = server ? 'servers' : 'applications';
    this.path = `${place}/${encodeURIComponent(server || application)}` +
      '/history';
    this.lines = new History();
    this.listenTo(this.lines, 'taken', this.render);
    if (server)
      this.listenTo(world.servers,
        'change:configuration change:undo change:job', this.render);
    else
      this.listenTo(world.applications, 'taken', this.render);
    this.listenTo(world.me, 'change', this.render);
    this.stop = world.poller.watch(this.path, 3,
      (body) => { this.heard = true; this.lines.take(body); },
      { failed: (problem) => this.fail(problem) });
    this.render();
  },

  // The element belongs to the parent; only our content is removed.
  remove() {
    this.stop();
    this.undelegateEvents();
    return this.stopListening();
  },

  about() {
    const { me, servers, applications } = this.world;
    const server = this.server && servers.get(this.server);
    const application = applications.get(this.application);
    const on = server && server.get('configuration');
    const undo = server && undo_words(server, this.world);
    return { me, current_job: on && on.job,
      undo: undo && undo.can_undo && undo.job,
      bases: application && application.bases() };
  },

  render() {
    const about = this.about();
    show(this.el, 'history', {
      lines: this.lines.map((line) => line.words(about)),
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
