// SPDX-License-Identifier: GPL-2.0-or-later
// Rules of the page that a reader can break without noticing, as tests over
// the text of htdocs/.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

const htdocs = fileURLToPath(new URL('../../htdocs/', import.meta.url));
function walk(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? walk(path) : [path];
  });
}
const files = walk(htdocs).map((path) => ({ name: relative(htdocs, path),
  text: readFileSync(path, 'utf8') }));
const with_text = (pattern, among = files) => among.filter(({ text }) =>
  pattern.test(text)).map(({ name }) => name);
const scripts = files.filter(({ name }) => name.endsWith('.js'));

it('there are files to look at', () => {
  assert.ok(files.length > 40, `only ${files.length} files in htdocs`);
});

it('nothing reaches the page unescaped', () => {
  const unescaped = new RegExp(['\\{\\{\\{', '\\{\\{\\s*&', 'innerHTML',
    'outerHTML', 'insertAdjacentHTML', '\\.html\\s*\\(', 'document\\.write',
    'createContextualFragment'].join('|'));
  assert.deepEqual(with_text(unescaped), []);
});

it('markup is parsed in one file', () => {
  assert.deepEqual(with_text(/DOMParser/), ['js/dom.js']);
});

it('no script is made from text', () => {
  assert.deepEqual(with_text(/\beval\s*\(|new Function|_\.template/), []);
});

it('no markup carries script or style', () => {
  const markup = files.filter(({ name }) => /\.(html|mustache)$/.test(name));
  assert.deepEqual(with_text(/\sstyle\s*=|\son[a-z]+\s*=|<style/i, markup),
    []);
  assert.deepEqual(with_text(/<script(?![^>]*\ssrc=)/, markup), []);
});

it('data is fetched by api.js alone, templates by templates.js', () => {
  assert.deepEqual(with_text(/\bfetch\(|XMLHttpRequest|\$\.ajax/, scripts)
    .sort(), ['js/api.js', 'js/templates.js']);
});

it('only the poller asks again by itself', () => {
  const again = scripts.filter(({ text }) =>
    /setInterval|setTimeout/.test(text)).map(({ name }) => name).sort();
  // The clock ticks words, the announcer lets notices go, api.js gives up on
  // an answer, path_field.js waits for the end of typing: none of them asks
  // on and on.
  assert.deepEqual(again, ['js/api.js', 'js/clock.js', 'js/poller.js',
    'js/views/announcer.js', 'js/views/path_field.js']);
});

it('every template is loaded, and every loaded template is there', () => {
  const { text } = files.find(({ name }) => name === 'js/templates.js');
  const loaded = [...text.matchAll(/'([a-z_]+)'/g)].map((m) => m[1])
    .filter((name) => name !== 'no-cache').sort();
  const there = files.filter(({ name }) => name.endsWith('.mustache'))
    .map(({ name }) => name.replace(/^templates\/|\.mustache$/g, ''));
  assert.deepEqual(loaded, there.sort());
});

it('an element that another view owns has an id to be known by', () => {
  const owned = files.flatMap(({ text }) => text.match(
    /<[^>]*\sdata-own[^>]*>/g) || []);
  assert.ok(owned.length > 4);
  assert.deepEqual(owned.filter((tag) => !/\sid="/.test(tag)), []);
});

it('files stay small and lines short', () => {
  const long = files.filter(({ name, text }) =>
    text.split('\n').length > 300 || (/\.(js|css)$/.test(name) &&
      text.split('\n').some((line) => line.length > 80)));
  assert.deepEqual(long.map(({ name }) => name), []);
});
