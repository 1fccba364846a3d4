// SPDX-License-Identifier: GPL-2.0-or-later
// The console's API as two functions. Only get() and send() call fetch() for
// data; addresses are relative to the page, so that the mount can be anywhere.
// A reply other than a success is thrown as a Problem whose `detail` is written
// for the user: the API's problem+json states what to do, and for other
// replies, such as a proxy's error page, the text is made here.
import { set_from } from './clock.js';
import { place } from './place.js';

const root = new URL('api/', place);

export class Problem extends Error {
  // answered: whether the console answered (4xx), or nothing did.
  constructor(status, title, detail, extra = {}) {
    super(detail);
    Object.assign(this, { status, title, detail, extra });
    this.answered = status >= 400 && status < 500;
  }
}

export function address(path) {
  return new URL(path, root).href;
}

// raw: the body as bytes (a log) instead of JSON; `finished` then means that no
// more bytes will follow. An ETag is sent as If-None-Match explicitly, so that
// a 304 reaches us, and nothing is parsed or rendered.
export async function get(path, { etag = null, raw = false,
  patience = 10000 } = {}) {
  const headers = { Accept: raw ? 'text/plain' : 'application/json' };
  if (etag) headers['If-None-Match'] = etag;
  const reply = await ask(path, { headers, cache: 'no-store' }, patience);
  if (reply.status === 304) return { changed: false, etag };
  if (!reply.ok) throw await problem_of(reply);
  const body = raw ? await reply.arrayBuffer() : await json_of(reply);
  return { changed: true, etag: reply.headers.get('ETag'), body,
    finished: reply.headers.get('X-Berth-Finished') === 'true' };
}

// key: an Idempotency-Key. With it, a request without an answer can be repeated
// and is executed once.
export async function send(method, path, body, key = null) {
  const headers = { Accept: 'application/json' };
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (key) headers['Idempotency-Key'] = key;
  const reply = await ask(path, {
    method, headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  }, 15000);
  if (!reply.ok) throw await problem_of(reply);
  const answer = reply.status === 204 ? {} : await json_of(reply);
  return { status: reply.status, body: answer };
}

// 128 random bits. Not crypto.randomUUID(), which browsers do not offer to
// pages served over plain http, as in an intranet.
export function new_key() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
}

async function ask(path, options, patience) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), patience);
  try {
    const reply = await fetch(address(path),
      { ...options, credentials: 'same-origin', signal: abort.signal });
    set_from(reply.headers.get('Date'));
    return reply;
  } catch (error) {
    throw new Problem(0, 'No answer', options.method
      ? 'The console did not answer, so it is not known whether it received ' +
        'the request. It is safe to try again: it will not be executed twice.'
      : 'The console did not answer.');
  } finally {
    clearTimeout(timer);
  }
}

async function json_of(reply) {
  try {
    return await reply.json();
  } catch (error) {
    throw new Problem(502, 'Not understood',
      'The console sent a reply that is not JSON. If this persists, ask an ' +
      'administrator to check the web server\'s error log.');
  }
}

async function problem_of(reply) {
  try {
    const { type, title, status, detail, ...extra } = await reply.json();
    return new Problem(reply.status, String(title || reply.statusText),
      String(detail || title || reply.statusText), extra);
  } catch (error) {
    const why = reply.status === 401 ? 'You are not logged in. Load the ' +
      'page again to log in.' : `The web server answered ${reply.status} ` +
      `${reply.statusText} without a reason.`;
    return new Problem(reply.status, reply.statusText, why);
  }
}
