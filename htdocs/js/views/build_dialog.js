// SPDX-License-Identifier: GPL-2.0-or-later
// Requests a build: application, path, revision, database, code, snapshot,
// note. It shows in advance what will be replaced, how long builds of this
// application usually take, and with "Preview" which files it writes. `wish`
// (from "again") sets the initial values; by default those on the server.
import { show } from '../dom.js';
import { hold_words, on_words } from '../models/server.js';
import { go } from '../router.js';
import { generation_data } from '../models/kind.js';
import { BuildPreview } from './build_preview.js';
import { Dialog } from './dialog.js';
import { PathField } from './path_field.js';
import { RevertField } from './revert_field.js';

export const BuildDialog = Dialog.extend({
  template: 'build_dialog',
  more_events: {
    'change [name=application]': 'other_application',
    'change input[type=radio]': 'effect',
    'change [name=revert]': 'effect',
    'click [data-do=preview]': 'preview',
    'input': 'compare',
    'change': 'compare',
    'input .in': 'type',
    'click [data-pick]': 'pick',
  },

  initialize(options) {
    Dialog.prototype.initialize.call(this, options);
    const on = this.server.get('configuration');
    this.wish = { ...(on && { application: on.application, path: on.path }),
      ...options.wish };
    this.choose_from();
    // A console that has just started may report them after the dialog opened,
    // and a refresh may publish meanwhile.
    this.listenTo(this.world.applications, 'taken', this.more_to_choose);
  },

  choose_from() {
    this.possible = this.world.applications.for_server(this.server.id);
  },

  more_to_choose() {
    if (!this.el.isConnected) return;
    if (this.possible.length) { this.databases(); this.effect(); return; }
    this.choose_from();
    show(this.el, this.template, this.context());
    // Options that are added one by one leave the choice to the browser.
    if (this.wish.application)
      this.field('application').value = this.wish.application;
    this.fill_in();
  },

  context() {
    const { me } = this.world;
    const hold = this.server.get('hold');
    const { application, path, revision } = this.wish;
    return {
      name: this.server.id, path, revision,
      hold: hold && hold_words(hold, me),
      hours: me.get('default_hold_hours'),
      applications: this.possible.map((a) => ({ name: a.id,
        chosen: a.id === application })),
    };
  },

  opened() {
    this.path_field = new PathField({
      el: this.el.querySelector('.path-field') });
    this.listenTo(this.path_field, 'taken', () => {
      this.typed = true;
      this.field('revision').value = '';
      this.compare();
    });
    this.revert = new RevertField({
      el: this.el.querySelector('#build-revert') });
    this.listenTo(this.revert, 'chosen', this.effect);
    this.revert.load(this.server.id, this.wish.revert);
    this.found = new BuildPreview({ world: this.world,
      el: this.el.querySelector('#build-preview') });
    // A diff needs more room than the form.
    this.listenTo(this.found, 'found', () =>
      this.el.classList.add('wide'));
    this.field('path').setAttribute('autofocus', '');
    if (!this.possible.length && this.world.applications.loaded)
      this.say({ detail: `No application may be built on ${
        this.server.id}: no "servers" in berth.conf allows it.` });
    this.fill_in();
  },

  closed() {
    if (this.path_field) this.path_field.stopListening();
    if (this.found) this.found.remove();
    Dialog.prototype.closed.call(this);
  },

  field(name) {
    return this.el.querySelector(`.in[name=${name}]`);
  },

  chosen(name) {
    const radio = this.el.querySelector(`[name=${name}]:checked`);
    return radio && radio.value;
  },

  application() {
    return this.world.applications.get(this.field('application').value);
  },

  // A path in one repository has no meaning in another.
  other_application() {
    this.field('path').value = '';
    this.field('revision').value = '';
    this.fill_in();
  },

  fill_in() {
    const application = this.application();
    if (!application) return;
    const form = application.revision_form();
    this.field('revision').pattern = form.pattern;
    this.field('revision').title = form.hint;
    this.path_field.ask(application.id);
    this.databases();
    this.el.querySelector('[name=database]').checked = true;
    const usual = application.usual();
    this.el.querySelector('.usual').textContent =
      usual ? `usually ${usual}` : '';
    this.effect();
  },

  // Updates the choices and keeps the selection. If its generation no longer
  // exists, none is selected, and the reader must choose again.
  databases() {
    const application = this.application();
    if (!application) return;
    const words = application.words(this.world.me);
    show(this.el.querySelector('#build-databases'), 'build_databases', {
      ...words, application: application.id,
      bases: words.bases.map((base) => ({ ...base,
        value: base.newest ? 'newest' : base.generation,
        spare: application.get('spares') > 0 })) });
  },

  // For a generation that is no longer kept, the console lists those that are;
  // each becomes a button that selects it.
  refuse(problem) {
    const { generations } = problem.extra || {};
    Dialog.prototype.refuse.call(this, problem);
    if (this.gone || !Array.isArray(generations)) return;
    const application = this.application();
    const bases = application ? application.bases() : [];
    const kept = generations.slice(0, 8).map((value) => ({ value,
      data_at: generation_data(value, bases) }));
    this.world.poller.now('applications');
    this.say({ detail: problem.detail, kept, has_kept: kept.length > 0 });
  },

  pick(event) {
    const { pick } = event.currentTarget.dataset;
    const radios = [...this.el.querySelectorAll('[name=database]')];
    const newest = (this.application().bases()[0] || {}).generation;
    const radio = radios.find((r) => r.value === pick) ||
      (pick === newest && radios.find((r) => r.value === 'newest'));
    if (!radio) return this.say({ detail: 'The page is fetching that one; ' +
      'it will be in the list above in a moment.' });
    radio.checked = true;
    this.say({});
    this.effect();
    radio.focus();
    return undefined;
  },

  // The first build of an application on a server needs a checkout.
  first() {
    const on = this.server.get('configuration');
    const application = this.application();
    return !on || !application || on.application !== application.id;
  },

  effect() {
    const keep = this.el.querySelector('[name=checkout][value=no]');
    keep.disabled = this.first();
    if (keep.disabled)
      this.el.querySelector('[name=checkout][value=yes]').checked = true;
    const on = on_words(this.server.get('configuration'), this.world.me);
    const wanted = this.chosen('database');
    const database = wanted !== 'none';
    const checkout = this.chosen('checkout') === 'yes';
    this.keep_code(!checkout);
    show(this.el.querySelector('#build-effect'), 'build_effect', {
      ...on, replaces: Boolean(on), server: this.server.id, database,
      checkout, nothing: !database && !checkout, unsure: !wanted,
      from: this.data_of(wanted), revert: this.revert.value() });
    for (const button of this.el.querySelectorAll(
      '[type=submit], [data-do=preview]'))
      button.disabled = !this.possible.length || !wanted ||
        (!database && !checkout);
    this.compare();
  },

  // The date of the data of a choice.
  data_of(wanted) {
    const application = this.application();
    if (!application || !wanted || wanted === 'none') return null;
    return wanted === 'newest' ? application.data_at()
      : generation_data(wanted, application.bases());
  },

  // Without a checkout the current code remains: path and revision show it and
  // cannot be changed.
  keep_code(keep) {
    const on = this.server.get('configuration');
    for (const name of ['path', 'revision']) {
      const field = this.field(name);
      if (keep && !field.readOnly) field.value = on[name];
      field.readOnly = keep;
    }
  },

  type() {
    this.typed = true;
  },

  // The body of a preview; null while a choice is open.
  asked() {
    const database = this.chosen('database');
    if (!database) return null;
    const checkout = this.chosen('checkout') === 'yes';
    const body = { application: this.field('application').value,
      database, checkout };
    // Without a checkout no path is sent, because an earlier build may change
    // it.
    if (!checkout) return body;
    body.path = this.field('path').value.trim();
    const revision = this.field('revision').value.trim();
    if (revision) body.revision = revision;
    return body;
  },

  request() {
    const body = this.asked();
    if (!body) return null;
    const note = this.field('note').value.trim();
    const revert = this.revert.value();
    if (note) body.note = note;
    if (revert) body.revert = revert;
    return { method: 'POST', body,
      path: `servers/${encodeURIComponent(this.server.id)}/builds` };
  },

  async preview() {
    const body = this.asked();
    if (!body || !this.el.querySelector('form').reportValidity()) return;
    this.say({});
    try {
      await this.found.ask(
        `servers/${encodeURIComponent(this.server.id)}/previews`, body);
    } catch (problem) {
      this.refuse(problem);
    }
  },

  compare() {
    if (this.found) this.found.compare(this.asked());
  },

  done(result) {
    if (result.job) go(`jobs/${result.job}`);
  },
});
