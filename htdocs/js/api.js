// SPDX-License-Identifier: GPL-2.0-or-later
// The console's API as two functions. get() and send() are the only callers
// of fetch() for data; addresses are relative to the page, so the mount can
// be anywhere. What is not a success is thrown as a Problem whose `detail`
// is written for the person who acted (the API's problem+json says what to
// do; for replies that are not the API's, such as a proxy's error page, we
// say it here).
import { set_from } from './clock.js';
import { place } from './place.js';

const root = new URL('api/', place);

export class Problem extends Error {
  // answered: whether it was the console that spoke (4xx), or nobody did.
  constructor(status, title, detail, extra = {}) {
    super(detail);
    Object.assign(this, { status, title, detail, extra });
    this.answered = status >= 400 && status < 500;
  }
}

export function address(path) {
  return new URL(path, root).href;
}

// raw: the body as bytes (a log) instead of JSON; `finished` is then the
// console's word that no more bytes will ever follow. An ETag given goes out as
// If-None-Match by hand: a 304 then reaches us, and neither parsing nor
// rendering happens.
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

// key: an Idempotency-Key. With it a request whose answer was lost can be
// sent again and is done once.
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

// 128 random bits. Not crypto.randomUUID(): browsers keep that from pages
// served over plain http, and an intranet's console may be one.
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
      ? 'The console did not answer, so it is not known whether it took ' +
        'this. Trying again is safe: it will not be done twice.'
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
      'The console sent something that is not JSON. If this stays, ask ' +
      'whoever runs it to look at the web server\'s error log.');
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
