// SPDX-License-Identifier: GPL-2.0-or-later
// The only place where template output becomes part of the page.
//
// show(element, template, data) renders a Mustache template (in which {{x}} is
// escaped), parses it in a separate document, where nothing is run or loaded,
// and changes `element`'s children into the result. It changes instead of
// replacing: views may render as often as they need to, and the focus, a text
// selection, a half-typed field or a button between mouse-down and mouse-up
// survive. A button never becomes one with another action: a press on Build at
// the moment when the server becomes busy does nothing.
//
// Three attributes in a template control it:
//   data-key   the same key (or id) is the same element, wherever it moved
//   data-own   the children belong to another view and are not changed; such an
//              element needs an id, or it could be taken for another one
//   data-tick  a time, worded by clock.js before it is compared
// What the user set (a field's value, an open <details>) is kept.
import { fill } from './clock.js';
import { template, partials } from './templates.js';

const parser = new DOMParser();

export function show(element, name, data) {
  const markup = Mustache.render(template(name), data, partials());
  const body = document.adoptNode(
    parser.parseFromString(markup, 'text/html').body);
  fill(body);
  match_children(element, body);
  return element;
}

// A hostile address from the API must not become a link that runs: only http
// and https are links, everything else is shown as text.
export function safe_link(address) {
  try {
    const url = new URL(address);
    return /^https?:$/.test(url.protocol) ? url.href : null;
  } catch (e) {
    return null;
  }
}

function key_of(node) {
  if (node.nodeType !== Node.ELEMENT_NODE) return undefined;
  return node.dataset.key || node.id || deed_of(node) || undefined;
}

// The data attributes define what a button does.
function deed_of(node) {
  return node.nodeName === 'BUTTON' &&
    Object.entries(node.dataset).map((pair) => pair.join('=')).join(' ');
}

function alike(have, want) {
  return have.nodeType === want.nodeType && have.nodeName === want.nodeName &&
    key_of(have) === key_of(want);
}

function match_children(have, want) {
  const kept_keys = new Set([...want.childNodes].map(key_of));
  const keyed = new Map();
  for (const node of [...have.childNodes].reverse()) {
    const key = key_of(node);
    if (key === undefined) continue;
    if (kept_keys.has(key)) keyed.set(key, node);
    else node.remove();
  }
  let cursor = have.firstChild;
  for (const wanted of [...want.childNodes]) {
    const key = key_of(wanted);
    let same = key === undefined ? cursor : keyed.get(key);
    if (same && !alike(same, wanted)) same = null;
    keyed.delete(key);  // two with the same action stay two
    if (!same) {
      have.insertBefore(wanted, cursor);
      continue;
    }
    // A moved element loses the focus, and a button its press: so text is
    // moved.
    while (same !== cursor && cursor?.nodeType === Node.TEXT_NODE) {
      const next = cursor.nextSibling;
      cursor.remove();
      cursor = next;
    }
    if (same !== cursor) have.insertBefore(same, cursor);
    match_node(same, wanted);
    cursor = same.nextSibling;
  }
  while (cursor) {
    const next = cursor.nextSibling;
    cursor.remove();
    cursor = next;
  }
}

function match_node(have, want) {
  if (have.nodeType !== Node.ELEMENT_NODE) {
    if (have.nodeValue !== want.nodeValue) have.nodeValue = want.nodeValue;
    return;
  }
  match_attributes(have, want);
  if (!have.hasAttribute('data-own')) match_children(have, want);
}

function match_attributes(have, want) {
  for (const { name, value } of [...want.attributes])
    if (have.getAttribute(name) !== value) have.setAttribute(name, value);
  for (const { name } of [...have.attributes])
    if (!want.hasAttribute(name) && !kept(have, name))
      have.removeAttribute(name);
}

function kept(element, name) {
  return name === 'open' && element.nodeName === 'DETAILS';
}
