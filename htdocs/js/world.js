// SPDX-License-Identifier: GPL-2.0-or-later
// Everything that the page knows, in one object that every view receives:
// models, collections, the poller, the current place. watch_all() lists what is
// polled, and how often.
import { Applications } from './collections/applications.js';
import { Clusters } from './collections/clusters.js';
import { Hosts } from './collections/hosts.js';
import { Jobs, Queue } from './collections/jobs.js';
import { Servers } from './collections/servers.js';
import { Filter } from './models/filter.js';
import { Health } from './models/health.js';
import { Me } from './models/me.js';
import { Poller } from './poller.js';

export function new_world() {
  const link = new Backbone.Model({ answering: true, since: null });
  return {
    me: new Me(), health: new Health(), filter: new Filter(), link,
    servers: new Servers(), hosts: new Hosts(), jobs: new Jobs(),
    queue: new Queue(), applications: new Applications(),
    clusters: new Clusters(), poller: new Poller(link),
    // Numbers of jobs whose end was shown on their own page.
    seen: new Set(),
    // The route: {page: "servers", "jobs", "job" or "data", server, job,
    // application}.
    place: new Backbone.Model({ page: 'servers', server: null, job: null,
      application: null }),
  };
}

const list = (collection, member) => (body) => {
  collection.set(body[member] || []);
  collection.loaded = true;
  collection.trigger('taken');
};

export function watch_all(world) {
  const { poller } = world;
  poller.watch('servers', 1.5, list(world.servers, 'servers'),
    { vital: true });
  poller.watch('queue', 2, list(world.queue, 'jobs'));
  poller.watch('health', 3, (body) => world.health.set(body));
  poller.watch('jobs', 4, list(world.jobs, 'jobs'));
  poller.watch('hosts', 5, list(world.hosts, 'hosts'));
  poller.watch('applications', 15, list(world.applications,
    'applications'));
  poller.watch('clusters', 15, list(world.clusters, 'clusters'));
  poller.watch('me', 300, (body) => world.me.set(body));
}

// While the page about data is shown, a refresh progresses and clusters change
// within a minute. Returns a function that stops it.
export function watch_data({ poller, applications, clusters }) {
  const stops = [
    poller.watch('applications', 2, list(applications, 'applications')),
    poller.watch('clusters', 10, list(clusters, 'clusters')),
  ];
  return () => stops.forEach((stop) => stop());
}

// After a change: shows it without waiting for the next poll.
export function refresh(world) {
  world.poller.now('servers', 'queue', 'jobs', 'applications');
}
