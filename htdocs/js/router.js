// SPDX-License-Identifier: GPL-2.0-or-later
// The page's addresses, all behind the #, so that any of them can be sent to
// a colleague: #/ (the board), #/servers/qa1 (the board with qa1's drawer),
// #/jobs, #/jobs/12. A route only says where we are (world.place); views
// listen to that.

// go('jobs/12') is the only way a script changes the address.
export function go(path) {
  location.hash = `#/${path}`;
}

export const Router = Backbone.Router.extend({
  routes: {
    '': 'board', 'servers': 'board', 'servers/:name': 'server',
    'jobs': 'jobs', 'jobs/:id': 'job', '*rest': 'elsewhere',
  },

  initialize({ world }) {
    this.place = world.place;
  },

  board() {
    this.place.set({ page: 'servers', server: null, job: null });
  },

  server(name) {
    this.place.set({ page: 'servers', server: name, job: null });
  },

  jobs() {
    this.place.set({ page: 'jobs', server: null, job: null });
  },

  // Only a number is asked for: nothing from an address bar becomes part of
  // an API path unchecked.
  job(id) {
    if (!/^[0-9]{1,15}$/.test(id)) return this.elsewhere();
    this.place.set({ page: 'job', server: null, job: Number(id) });
    return undefined;
  },

  elsewhere() {
    location.replace('#/');
  },
});
