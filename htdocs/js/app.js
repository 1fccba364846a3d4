// SPDX-License-Identifier: GPL-2.0-or-later
// Starts the page: templates, world, views, router, polling. The libraries
// (Backbone, Underscore, Mustache, jQuery) are plain deferred scripts, which
// run before this module.
import { start_ticking } from './clock.js';
import { Router } from './router.js';
import { load_templates } from './templates.js';
import { new_world, watch_all } from './world.js';
import { Announcer } from './views/announcer.js';
import { Banners } from './views/banners.js';
import { Drawer } from './views/drawer.js';
import { MainPage } from './views/main_page.js';
import { Top } from './views/top.js';

async function start() {
  await load_templates();
  const world = new_world();
  const view = (View, id) => new View({ world,
    el: document.getElementById(id) });
  world.announcer = view(Announcer, 'announcer');
  view(Top, 'top').render();
  view(Banners, 'banners').render();
  view(MainPage, 'main').render();
  view(Drawer, 'drawer').render();
  watch_all(world);
  start_ticking();
  new Router({ world });
  Backbone.history.start();
}

start().catch((error) => {
  console.error(error);
  document.getElementById('main').textContent =
    `The page could not start: ${error.message}. Reload it; if that does ` +
    'not help, its files on the web server are incomplete.';
});
