// SPDX-License-Identifier: GPL-2.0-or-later
// Creates a server from an image of a host; for admins. Hosts without an image
// are not offered, and a refusal is shown at the field that it names.
import { show } from '../dom.js';
import { go } from '../router.js';
import { Dialog } from './dialog.js';

export const ProvisionDialog = Dialog.extend({
  template: 'provision_dialog',
  more_events: {
    'change [name=host]': 'images',
    'input .in': 'type',
  },

  hosts() {
    return this.world.hosts.filter((h) => (h.get('images') || []).length);
  },

  context() {
    const hosts = this.hosts();
    return { none: !hosts.length, some: hosts.length > 0,
      hosts: hosts.map((host) => ({ name: host.id, away: host.stale() })) };
  },

  opened() {
    this.images();
    this.el.querySelector(this.hosts().length ? '[name=server]'
      : '[data-do=close]').setAttribute('autofocus', '');
  },

  value(name) {
    return this.el.querySelector(`[name=${name}]`).value.trim();
  },

  images() {
    if (!this.hosts().length) return;
    const host = this.world.hosts.get(this.value('host'));
    show(this.el.querySelector('[name=image]'), 'image_options',
      { images: host ? host.get('images') : [] });
  },

  type(event) {
    this.typed = true;
    this.at_field(event.target.name, '');
  },

  // Below the field, and read out with it.
  at_field(name, text) {
    const field = this.el.querySelector(`.in[name=${name}]`);
    const place = this.el.querySelector(`#provision-${name}-said`);
    if (!field || !place) return false;
    place.textContent = text;
    if (text) field.setAttribute('aria-invalid', 'true');
    else field.removeAttribute('aria-invalid');
    if (text) field.focus();
    return true;
  },

  refuse(problem) {
    const { member } = problem.extra || {};
    const named = ['server', 'host', 'image'].includes(member);
    if (this.gone || !named || !this.at_field(member, problem.detail))
      Dialog.prototype.refuse.call(this, problem);
  },

  request() {
    for (const name of ['server', 'host', 'image']) this.at_field(name, '');
    const body = { server: this.value('server'), host: this.value('host'),
      image: this.value('image') };
    return { method: 'POST', path: 'servers', body };
  },

  done(result) {
    if (result.job) go(`jobs/${result.job}`);
  },
});
