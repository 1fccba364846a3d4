// SPDX-License-Identifier: GPL-2.0-or-later
// Banners for the whole page: the console does not answer, berthd is not
// running, Berth is draining. While the console does not answer, everything
// else is marked as stale by a class on <body>, which css/frame.css hatches.
import { show } from '../dom.js';

export const Banners = Backbone.View.extend({
  events: { 'click [data-do=retry]': 'retry' },

  initialize({ world }) {
    this.world = world;
    this.listenTo(world.health, 'change', this.render);
    this.listenTo(world.link, 'change', this.render);
    // The panel has a fixed place below, so css must know our height.
    new ResizeObserver(() => document.documentElement.style.setProperty(
      '--banners', `${this.el.offsetHeight}px`)).observe(this.el);
  },

  render() {
    const { health, link } = this.world;
    const silent = !link.get('answering');
    document.body.classList.toggle('silent', silent);
    show(this.el, 'banners', { silent, since: link.get('since'),
      away: health.away(), draining: health.get('draining'),
      detail: health.get('detail') });
    return this;
  },

  retry() {
    this.world.poller.now();
  },
});
