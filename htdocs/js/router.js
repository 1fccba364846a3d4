// SPDX-License-Identifier: GPL-2.0-or-later
// The page's addresses, all behind the #, so that any of them can be sent to
// a colleague: #/ (the board), #/servers/qa1 (the board with qa1's drawer),
// #/jobs, #/jobs/12, #/data, #/data/shop (with its history). A route only
// says where we are (world.place); views listen to that.

// go('jobs/12') is the only way a script changes the address.
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

  // Only a number is asked for: nothing from an address bar becomes part of
  // an API path unchecked.
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
