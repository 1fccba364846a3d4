// SPDX-License-Identifier: GPL-2.0-or-later
// Says results that have no other place: a build of mine that ended while I
// looked elsewhere, a request the runner decided later. The element is
// aria-live, so it is read out; a notice goes after a while, a failure stays
// until it is dismissed.
import { show } from '../dom.js';
import { last_job_words } from '../models/job.js';

const shown_for = 12000;
// Whose end says more in the console's words than in ours.
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

  // What the console took on: its own sentence, and the way to the job.
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
    if (last.kind === 'keep' && good) return;  // its dialog said so
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
