// SPDX-License-Identifier: GPL-2.0-or-later
// The page's addresses, all after the #, so that each of them can be sent to a
// colleague: #/ (the board), #/servers/qa1 (the board with qa1's panel),
// #/jobs, #/jobs/12, #/data, #/data/shop (with its history). A route only sets
// the current place (world.place); views listen to that.

// A script changes the address only by go('jobs/12').
export function go(path) {
  location.hash = `#/${path}`;
}

export const Router = Backbone.Router.extend({
  routes: {
    '': 'board', 'servers': 'board', 'servers/:name': 'server',
    'jobs': 'jobs', 'jobs/:id': 'job', 'data': 'data',
    'data/:name': 'data', '*rest': 'elsewhere',
  },

  initialize({ world }) {
    this.place = world.place;
  },

  go(place) {
    this.place.set({ server: null, job: null, application: null, ...place });
  },

  board() {
    this.go({ page: 'servers' });
  },

  server(name) {
    this.go({ page: 'servers', server: name });
  },

  jobs() {
    this.go({ page: 'jobs' });
  },

  // Only a number is requested: nothing from the address bar becomes part of an
  // API path unchecked.
  job(id) {
    if (!/^[0-9]{1,15}$/.test(id)) return this.elsewhere();
    this.go({ page: 'job', job: Number(id) });
    return undefined;
  },

  data(name) {
    this.go({ page: 'data', application: name || null });
  },

  elsewhere() {
    location.replace('#/');
  },
});
