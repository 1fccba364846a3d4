// SPDX-License-Identifier: GPL-2.0-or-later
// All applications, by name.
import { Application } from '../models/application.js';

export const Applications = Backbone.Collection.extend({
  model: Application,
  comparator: 'name',

  for_server(server_name) {
    return this.filter((application) => application.fits(server_name));
  },
});
