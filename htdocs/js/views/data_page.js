// SPDX-License-Identifier: GPL-2.0-or-later
// The data for new databases: each application's bases, spares and last
// refresh, its history at the address #/data/NAME, and the clusters with
// problems for an admin. It is polled more often while it is shown.
import { show } from '../dom.js';
import { watch_data } from '../world.js';
import { once_a_frame } from './board.js';
import { HistoryView } from './history_view.js';
import { RefreshDialog } from './refresh_dialog.js';

export const DataPage = Backbone.View.extend({
  className: 'data-page',
  events: { 'click [data-refresh]': 'refresh' },

  initialize({ world }) {
    this.world = world;
    const later = once_a_frame(() => this.render());
    this.listenTo(world.applications, 'taken', later);
    this.listenTo(world.clusters, 'taken', later);
    this.listenTo(world.me, 'change', later);
    this.listenTo(world.place, 'change:application', this.render);
    this.stop = watch_data(world);
  },

  remove() {
    this.gone = true;
    this.stop();
    if (this.history) this.history.remove();
    return Backbone.View.prototype.remove.call(this);
  },

  render() {
    if (this.gone) return this;
    const { applications, clusters, me, place } = this.world;
    const open = place.get('application');
    show(this.el, 'data_page', {
      applications: applications.map((a) => {
        const words = a.words(me);
        return { ...words, has_bases: words.bases.length > 0,
          open: a.id === open };
      }),
      clusters: clusters.map((c) => {
        const words = c.words(applications);
        return { ...words, has_spares: words.spares.length > 0 };
      }),
      has_clusters: clusters.length > 0,
      nothing: !applications.length && (applications.loaded
        ? 'No application is configured.' : 'Loading\u2026'),
      missing: open && applications.loaded && !applications.get(open) &&
        `There is no application named ${open}.` });
    this.show_history(applications.get(open) ? open : null);
    return this;
  },

  show_history(name) {
    if (name === this.shown) return;
    if (this.history) this.history.remove();
    this.shown = name;
    this.history = name && new HistoryView({ world: this.world,
      application: name, el: this.el.querySelector('#data-history') });
  },

  refresh(event) {
    const { world } = this;
    const application = world.applications.get(
      event.currentTarget.dataset.refresh);
    if (application) new RefreshDialog({ world, application }).open();
  },
});
