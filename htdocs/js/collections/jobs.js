// SPDX-License-Identifier: GPL-2.0-or-later
// The jobs of GET /jobs (live ones and the last that ended, newest first) and
// of GET /queue (short forms, in the order in which they will run).
import { Job } from '../models/job.js';

export const Jobs = Backbone.Collection.extend({
  model: Job,
  comparator: (job) => -job.id,
});

// The console sends the queue in its order; it is not sorted here.
export const Queue = Backbone.Collection.extend({ model: Backbone.Model });
