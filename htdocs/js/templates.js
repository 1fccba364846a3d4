// SPDX-License-Identifier: GPL-2.0-or-later
// Fetches templates/NAME.mustache once, at start, and returns their text. Every
// template is also a partial of the others by its name. Files instead of
// <script type="text/template">, so that each can be read and searched
// separately and the page needs no inline block.
import { place } from './place.js';

const names = [
  'top', 'banners', 'board', 'row', 'queue_card', 'lately_card', 'bases_card',
  'drawer', 'history', 'history_line', 'jobs_page', 'job_page', 'job_line',
  'reserve_dialog', 'release_dialog', 'build_dialog', 'build_databases',
  'build_effect', 'cancel_dialog', 'suggestions', 'problem', 'announcement',
  'undo_block', 'undo_dialog', 'keep_dialog', 'refresh_dialog',
  'refresh_state', 'application_data', 'cluster_data', 'data_page',
  'machine', 'drift', 'power_dialog', 'snapshot_dialog',
  'take_snapshot_dialog', 'provision_dialog', 'image_options',
  'build_revert', 'build_preview', 'preview',
];
const texts = {};

export async function load_templates() {
  await Promise.all(names.map(async (name) => {
    const reply = await fetch(new URL(`templates/${name}.mustache`, place),
      { cache: 'no-cache' });
    if (!reply.ok) throw new Error(`templates/${name}: ${reply.status}`);
    texts[name] = await reply.text();
    Mustache.parse(texts[name]);
  }));
}

export function template(name) {
  if (!(name in texts)) throw new Error(`no template named ${name}`);
  return texts[name];
}

export function partials() {
  return texts;
}
