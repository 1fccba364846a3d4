// SPDX-License-Identifier: GPL-2.0-or-later
// The panel of one server, next to the board (over it on a phone): its actions,
// its facts, its machine and its history. Not modal: the board remains usable.
// Escape or Close return to the board, and the focus to the row.
import { show } from '../dom.js';
import { undo_words } from '../models/undo.js';
import { go } from '../router.js';
import { start_action } from './actions.js';
import { once_a_frame } from './board.js';
import { DriftView } from './drift_view.js';
import { HistoryView } from './history_view.js';
import { MachineView } from './machine_view.js';

// The other views of one server, and their elements.
const parts = { history: HistoryView, drift: DriftView,
  machine: MachineView };
const narrow = window.matchMedia('(max-width: 900px)');

export const Drawer = Backbone.View.extend({
  events: { 'click [data-act]': 'act' },

  initialize({ world }) {
    this.world = world;
    this.parts = [];
    this.later = once_a_frame(() => this.render_server());
    this.listenTo(world.place, 'change:server', this.render);
    this.listenTo(world.servers, 'taken change', this.later);
    this.listenTo(world.me, 'change', this.later);
    this.listenTo(world.health, 'change:runner', this.later);
    this.listenTo(world.jobs, 'taken', this.later);
    this.listenTo(world.applications, 'taken', this.later);
    this.on_key = (event) => this.key(event);
    document.addEventListener('keydown', this.on_key);
    narrow.addEventListener('change', () => this.cover());
  },

  name() {
    return this.world.place.get('server');
  },

  render() {
    const name = this.name(), before = this.shown;
    for (const part of this.parts) part.remove();
    this.parts = [];
    this.shown = name;
    this.el.hidden = !name;
    document.body.classList.toggle('with-drawer', Boolean(name));
    this.cover();
    if (!name) {
      this.el.replaceChildren();
      if (before) this.focus_row(before);
      return this;
    }
    this.el.setAttribute('aria-labelledby', 'drawer-title');
    this.render_server();
    this.parts = Object.entries(parts).map(([id, Part]) => new Part({
      world: this.world, server: name,
      el: this.el.querySelector(`#${id}`) }));
    this.el.scrollTop = 0;
    this.el.querySelector('#drawer-title').focus({ preventScroll: true });
    return this;
  },

  // On a phone the panel covers everything else, which is then not reachable.
  cover() {
    document.getElementById('main').inert =
      Boolean(this.name()) && narrow.matches;
  },

  focus_row(name) {
    for (const row of document.querySelectorAll('[data-server]'))
      if (row.dataset.server === name)
        row.querySelector('a').focus({ preventScroll: true });
  },

  render_server() {
    const name = this.name();
    if (!name) return;
    const { servers, me } = this.world;
    const server = servers.get(name);
    if (!server) {
      show(this.el, 'drawer', { name, dot: 'unknown', state: 'not known',
        host: 'any host', missing: servers.loaded &&
          `There is no server named ${name}. It may have been renamed or ` +
          'removed from the configuration; its history, if any, is below.' });
      return;
    }
    const row = server.row(me);
    if (row.on) row.on.newer_at = this.newer(row.on);
    show(this.el, 'drawer', { ...row, can: this.can(server),
      undo: undo_words(server, this.world),
      why_not: this.why_not(server) });
  },

  // The date of the newest data if the server has an older generation.
  // Generations are compared instead of dates, because the date of a dump may
  // be unknown.
  newer({ application, generation }) {
    const known = this.world.applications.get(application);
    const [newest] = known ? known.bases() : [];
    return newest && generation && newest.generation > generation
      ? known.data_at() : null;
  },

  can(server) {
    const { me } = this.world;
    const hold = server.get('hold'), mine = server.held_by(me);
    const admin = me.get('admin');
    return {
      build: (mine || !hold) && server.running() && !server.get('job'),
      reserve: !hold, extend: mine,
      release: hold && (mine || admin),
      take_over: hold && !mine && admin,
    };
  },

  why_not(server) {
    const { me } = this.world;
    const hold = server.get('hold');
    if (!server.fresh())
      return 'Builds are refused until its host answers again.';
    if (!server.running())
      return `It is ${server.get('state')}: builds are refused until it runs.`;
    if (hold && !server.held_by(me))
      return `It is held by ${hold.user}; only the holder can build on it.`;
    return null;
  },

  act(event) {
    start_action(this.world, event.currentTarget.dataset.act, this.name());
  },

  key(event) {
    if (event.key !== 'Escape' || event.defaultPrevented || !this.name() ||
        document.querySelector('dialog[open]')) return;
    go('');
  },
});
