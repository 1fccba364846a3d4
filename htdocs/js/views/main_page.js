// SPDX-License-Identifier: GPL-2.0-or-later
// The middle of the page: board, jobs, job or data, by the route. The previous
// view is removed with its listeners and watches, so nothing is polled for a
// page that is not shown.
import { Board } from './board.js';
import { DataPage } from './data_page.js';
import { JobPage } from './job_page.js';
import { JobsPage } from './jobs_page.js';

const pages = { servers: Board, jobs: JobsPage, job: JobPage,
  data: DataPage };

export const MainPage = Backbone.View.extend({
  initialize({ world }) {
    this.world = world;
    this.listenTo(world.place, 'change:page change:job', this.render);
  },

  render() {
    const first = !this.page;
    if (this.page) this.page.remove();
    const Page = pages[this.world.place.get('page')];
    this.page = new Page({ world: this.world });
    this.el.replaceChildren(this.page.render().el);
    // A new page starts at its top, and the next Tab continues from there.
    if (!first) {
      window.scrollTo(0, 0);
      this.el.focus({ preventScroll: true });
    }
    return this;
  },
});
