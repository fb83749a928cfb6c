/** Requests to the API. Every failure is a Problem, and an expired session is renewed before the request fails. */

/** A failure: a problem document of the API (RFC 9457), or "offline" if there was no answer. */
export class Problem extends Error {
  /**
   * @param {string} code as docs/api.md lists them, or "offline"
   * @param {{status?: number, detail?: string, title?: string, retryAfter?: number, body?: Record<string, unknown>}} [more]
   */
  constructor(code, more = {}) {
    super(more.detail ?? more.title ?? code);
    this.name = 'Problem';
    this.code = code;
    this.status = more.status ?? 0;
    this.detail = more.detail ?? '';
    this.retryAfter = more.retryAfter ?? 0;
    this.body = more.body ?? {};
  }

  /**
   * @param {number} status
   * @param {string} body
   * @param {string | null} retryAfter
   */
  static parse(status, body, retryAfter) {
    /** @type {Record<string, unknown>} */
    let parsed = {};
    try {
      parsed = JSON.parse(body);
    } catch {
      // a proxy in front has answered
    }
    const type = String(parsed?.['type'] ?? '');
    const code = type.startsWith('urn:tomp3:') ? type.slice('urn:tomp3:'.length) : status >= 502 ? 'unavailable' : 'internal';
    return new Problem(code, {
      status,
      detail: String(parsed?.['detail'] ?? ''),
      title: String(parsed?.['title'] ?? ''),
      retryAfter: Number(retryAfter) || 0,
      body: parsed ?? {},
    });
  }
}

/** @type {() => Promise<void>} */
let renew = () => Promise.reject(new Problem('unauthenticated'));

/**
 * @param {() => Promise<void>} renewal resolves when there is a session again, rejects if the reader does not want one
 */
export function onExpiry(renewal) {
  renew = renewal;
}

/** Asks for a new session. All that wait for one wait for the same. */
export function renewSession() {
  return renew();
}

/**
 * @typedef {object} Sent
 * @property {unknown} [json] the body
 * @property {Record<string, string>} [headers]
 * @property {AbortSignal} [signal]
 * @property {boolean} [keepalive] the request outlives the page
 * @property {boolean} [anonymous] 401 is an answer, and no reason to log in
 */

/**
 * @param {string} method
 * @param {string} path
 * @param {Sent} [sent]
 * @returns {Promise<any>} the JSON, or null where the answer has none
 */
export async function request(method, path, sent = {}) {
  const headers = { Accept: 'application/json', ...sent.headers };
  if (sent.json !== undefined) Object.assign(headers, { 'Content-Type': 'application/json' });
  /** @type {Response} */
  let response;
  /** @type {string} */
  let body;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: sent.json === undefined ? null : JSON.stringify(sent.json),
      keepalive: sent.keepalive ?? false,
      signal: sent.signal ?? null,
      cache: 'no-store',
      credentials: 'same-origin',
    });
    body = await response.text();
  } catch (error) {
    if (sent.signal?.aborted) throw error;
    throw new Problem('offline');
  }
  if (response.ok) return body === '' ? null : JSON.parse(body);
  const problem = Problem.parse(response.status, body, response.headers.get('Retry-After'));
  if (problem.code !== 'unauthenticated' || sent.anonymous) throw problem;
  await renew();
  return request(method, path, sent);
}

/** @type {(path: string, sent?: Sent) => Promise<any>} */
export const get = (path, sent) => request('GET', path, sent);
/** @type {(path: string, json?: unknown, sent?: Sent) => Promise<any>} */
export const post = (path, json, sent) => request('POST', path, { json, ...sent });
/** @type {(path: string, json: unknown, sent?: Sent) => Promise<any>} */
export const patch = (path, json, sent) => request('PATCH', path, { json, ...sent });
/** @type {(path: string, sent?: Sent) => Promise<any>} */
export const del = (path, sent) => request('DELETE', path, sent);
