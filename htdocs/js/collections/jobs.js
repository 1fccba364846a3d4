// SPDX-License-Identifier: GPL-2.0-or-later
// The jobs of GET /jobs (live ones and the last ended, newest first) and of
// GET /queue (short forms, in the order they will be done).
import { Job } from '../models/job.js';

export const Jobs = Backbone.Collection.extend({
  model: Job,
  comparator: (job) => -job.id,
});

// The console's order is the queue's meaning; nothing sorts it here.
export const Queue = Backbone.Collection.extend({ model: Backbone.Model });
