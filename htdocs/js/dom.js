// SPDX-License-Identifier: GPL-2.0-or-later
// The one place where template output becomes part of the page.
//
// show(element, template, data) renders a Mustache template (whose {{x}}
// escapes), parses it in a document of its own, where nothing runs and
// nothing is loaded, and changes `element`'s children into the result.
// Changes, not replaces: views may render whole as often as they like, and
// the focus, a text selection, a half-typed field or a button between
// mouse-down and mouse-up live on. A button never becomes one that does
// something else: who presses Build as the server gets busy presses nothing.
//
// Three attributes in a template steer it:
//   data-key   the same key (or id) is the same element, wherever it moved
//   data-own   the children belong to somebody else (another view): let be;
//              such an element needs an id, or it could be taken for another
//   data-tick  a time, worded by clock.js before it is compared
// What people set by hand (a field's value, an open <details>) is kept.
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
// and https pass, all else is shown without a link.
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

// What a button does is in its data attributes.
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
    keyed.delete(key);  // two that do the same stay two
    if (!same) {
      have.insertBefore(wanted, cursor);
      continue;
    }
    // What is moved loses the focus, and a button its press: text makes way.
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
