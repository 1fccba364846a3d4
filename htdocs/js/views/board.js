// SPDX-License-Identifier: GPL-2.0-or-later
// The list of servers, grouped by host, with counts, filter and cards. It
// renders as a whole, at most once per frame, however many models have changed;
// dom.js makes that cheap. Rows have no state: a click starts an action with
// the server's name.
import { show } from '../dom.js';
import { start_action } from './actions.js';
import { BasesCard } from './bases_card.js';
import { LatelyCard } from './lately_card.js';
import { ProvisionDialog } from './provision_dialog.js';
import { QueueCard } from './queue_card.js';

const filters = [['all', 'All'], ['free', 'Free'], ['mine', 'Mine']];

export const Board = Backbone.View.extend({
  events: {
    'click [data-act]': 'act',
    'click [data-only]': 'choose',
    'input [data-do=filter]': 'type',
    'click [data-do=provision]': 'provision',
  },

  initialize({ world }) {
    this.world = world;
    const { servers, hosts, me, filter, health } = world;
    this.later = once_a_frame(() => this.render());
    this.listenTo(servers, 'taken change add remove', this.later);
    this.listenTo(hosts, 'taken', this.later);
    this.listenTo(me, 'change', this.later);
    this.listenTo(filter, 'change', this.later);
    this.listenTo(health, 'change:runner', this.later);
    this.cards = [QueueCard, LatelyCard, BasesCard].map(
      (Card) => new Card({ world }));
  },

  remove() {
    this.cards.forEach((card) => card.remove());
    return Backbone.View.prototype.remove.call(this);
  },

  render() {
    const { filter } = this.world;
    show(this.el, 'board', { counts: this.counts(), groups: this.groups(),
      nothing: this.nothing(), may_make: this.world.me.get('admin'),
      chips: filters.map(([only, label]) => ({
        only, label, pressed: String(filter.get('only') === only) })) });
    if (!this.placed) this.place_cards();
    return this;
  },

  place_cards() {
    this.placed = true;
    for (const card of this.cards)
      this.el.querySelector(`#${card.place}`).append(card.render().el);
    this.el.querySelector('[data-do=filter]').value =
      this.world.filter.get('text');
  },

  counts() {
    const { servers } = this.world;
    const how_many = (test) => servers.filter(test).length;
    const lost = how_many((s) => !s.fresh());
    return [
      { n: how_many((s) => !s.get('hold') && s.fresh()), what: 'free' },
      { n: how_many((s) => s.get('hold')), what: 'held' },
      { n: how_many((s) => s.get('job')), what: 'busy' },
      ...(lost ? [{ n: lost, what: 'not answering' }] : []),
    ];
  },

  groups() {
    const { servers, hosts, filter, me } = this.world;
    const narrowed = filter.get('only') !== 'all' || filter.get('text');
    return servers.by_host(hosts.pluck('name')).map(([host, all]) => ({
      ...hosts.head(host, all),
      rows: all.filter((s) => filter.passes(s, me)).map((s) => s.row(me)),
    })).filter((group) => group.rows.length || !narrowed);
  },

  nothing() {
    const { servers, filter, me } = this.world;
    if (!servers.loaded) return 'Loading\u2026';
    if (!servers.length)
      return 'No servers. Every domain that matches "servers" of a [host] in ' +
        'berth.conf appears here when its host has answered.';
    if (servers.some((s) => filter.passes(s, me))) return null;
    return filter.get('only') === 'mine' && !filter.get('text')
      ? 'You hold no servers. Reserve a free one.'
      : 'No server matches the filter.';
  },

  act(event) {
    const { act } = event.currentTarget.dataset;
    const { server } = event.currentTarget.closest('[data-server]').dataset;
    start_action(this.world, act, server);
  },

  provision() {
    new ProvisionDialog({ world: this.world }).open();
  },

  choose(event) {
    this.world.filter.set('only', event.currentTarget.dataset.only);
  },

  type(event) {
    this.world.filter.set('text', event.currentTarget.value);
  },
});

// Runs `work` before the next frame, once, however often it is called. A hidden
// tab paints nothing, so nothing is rendered there.
export function once_a_frame(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; work(); });
  };
}
