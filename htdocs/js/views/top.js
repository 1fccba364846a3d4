// SPDX-License-Identifier: GPL-2.0-or-later
// The bar at the top: title, pages, colour scheme, user.
import { show } from '../dom.js';
import { initials } from '../words.js';

const next = { auto: 'light', light: 'dark', dark: 'auto' };
const labels = { auto: 'Auto', light: 'Light', dark: 'Dark' };
const root = document.documentElement;

export const Top = Backbone.View.extend({
  events: { 'click [data-do=theme]': 'change_theme' },

  initialize({ world }) {
    this.world = world;
    this.listenTo(world.me, 'change', this.render);
    this.listenTo(world.place, 'change', this.render);
  },

  render() {
    const { me, place } = this.world;
    const page = place.get('page');
    const theme = root.dataset.theme || 'auto';
    document.title = this.title();
    show(this.el, 'top', { ...me.attributes, theme,
      theme_label: labels[theme], initials: initials(me.get('user')),
      on_servers: page === 'servers', on_data: page === 'data',
      on_jobs: page === 'jobs' || page === 'job' });
    return this;
  },

  title() {
    const { me, place } = this.world;
    const pages = { jobs: 'Jobs', data: 'Data' };
    const where = place.get('server') ||
      (place.get('job') && `Job ${place.get('job')}`) ||
      pages[place.get('page')] || 'Servers';
    return `${where} - ${me.get('title')}`;
  },

  // theme.js reads the choice before the next page is painted. In a browser
  // that stores nothing (private mode) the colours change for now only.
  change_theme() {
    const theme = next[root.dataset.theme || 'auto'];
    if (theme === 'auto') delete root.dataset.theme;
    else root.dataset.theme = theme;
    try {
      localStorage.setItem('berth-theme', theme);
    } catch (error) { /* not kept, and that is all */ }
    this.render();
  },
});
