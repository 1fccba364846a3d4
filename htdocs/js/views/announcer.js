// SPDX-License-Identifier: GPL-2.0-or-later
// Announces results that have no other place: a build of the reader's that
// ended while another page was shown, a request that berthd decided later. The
// element is aria-live, so it is read out; a notice disappears after a while, a
// failure remains until it is dismissed.
import { show } from '../dom.js';
import { last_job_words } from '../models/job.js';

const shown_for = 12000;
// Kinds of jobs whose result says more than our words.
const own_words = ['power', 'snapshot', 'provision'];

export const Announcer = Backbone.View.extend({
  events: { 'click [data-dismiss]': 'dismissed' },

  initialize({ world }) {
    this.world = world;
    this.items = [];
    this.count = 0;
    this.listenTo(world.servers, 'change:last_job', this.job_ended);
  },

  // tone: "good", "bad" or "". link: {href, text} of one of our pages.
  say(text, { tone = '', href = null, link = null } = {}) {
    const key = `toast-${this.count += 1}`;
    this.items = [...this.items, { key, text, tone, href, link }].slice(-4);
    if (tone !== 'bad') setTimeout(() => this.drop(key), shown_for);
    this.render();
  },

  // An accepted request: the console's detail, and a link to the job.
  took({ detail, job }) {
    this.say(detail, { href: job && `#/jobs/${job}`,
      link: job && `Job ${job}` });
  },

  job_ended(server) {
    const { me, place, seen } = this.world;
    const last = server.get('last_job'), before = server.previous('last_job');
    if (!last || !me.is(last.user) || (before && before.id >= last.id))
      return;
    if (place.get('job') === last.id || seen.has(last.id)) return;
    const { said, took, good, bad } = last_job_words(last, me);
    if (last.kind === 'keep' && good) return;  // its dialog announced it
    if (good && own_words.includes(last.kind) && last.detail) {
      this.say(`${last.detail}.`, { tone: 'good', href: `#/jobs/${last.id}`,
        link: `Job ${last.id}` });
      return;
    }
    this.say(`${server.id}: ${said}${good && took ? ` in ${took}` : ''}` +
      `${bad && last.detail ? ` - ${last.detail}` : ''}.`,
      { tone: good ? 'good' : bad ? 'bad' : '', href: `#/jobs/${last.id}`,
        link: `Job ${last.id}` });
  },

  dismissed(event) {
    this.drop(event.currentTarget.dataset.dismiss);
  },

  drop(key) {
    this.items = this.items.filter((item) => item.key !== key);
    this.render();
  },

  render() {
    show(this.el, 'announcement', { items: this.items });
    return this;
  },
});
