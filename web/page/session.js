/** Who is logged in. The token is in a cookie that scripts cannot read, so the page asks GET /me. */
import { get, post, del, onExpiry, Problem } from './api.js';
import { recall, remember } from './preferences.js';

/**
 * @typedef {object} Account
 * @property {string} id
 * @property {string} email
 * @property {string[]} roles
 * @property {boolean} confirmed
 * @property {{stored_bytes: number, waiting_jobs: number}} usage
 * @property {{max_upload_bytes: number, max_stored_bytes: number | null, max_waiting_jobs: number | null,
 *     max_duration_seconds: number, keep_mp3_seconds: number, keep_video_seconds: number}} limits
 * @property {{registration: boolean, mail: boolean}} features
 */

/** Whether this browser had a session. Without it, nothing is asked for that would be refused. */
const MARK = 'session';

/** Fires "change" when a user has logged in or out, and when the account is read again. */
class Session extends EventTarget {
  /** @type {Account | null} */
  account = null;

  get admin() {
    return this.account?.roles.includes('admin') ?? false;
  }

  /** Finds the session of an earlier visit. */
  async resume() {
    if (recall(MARK) === null) return;
    try {
      this.#set(await get('/me', { anonymous: true }));
    } catch (error) {
      if (error instanceof Problem && error.code === 'unauthenticated') this.#set(null);
      else throw error;
    }
  }

  /** Reads the account again: its usage changes with each file. */
  async refresh() {
    this.#set(await get('/me'));
  }

  /**
   * @param {string} email
   * @param {string} password
   */
  async logIn(email, password) {
    this.#set(await post('/session', { email, password }, { anonymous: true }));
  }

  /** Ends the session here. */
  async logOut() {
    try {
      await del('/session', { anonymous: true });
    } catch (error) {
      // then there was none
      if (!(error instanceof Problem && error.code === 'unauthenticated')) throw error;
    }
    this.#set(null);
  }

  /** Forgets the account, after something else has ended the session. */
  forget() {
    this.#set(null);
  }

  /** @param {Account | null} account */
  #set(account) {
    this.account = account;
    remember(MARK, account ? '1' : null);
    this.dispatchEvent(new Event('change'));
  }
}

export const session = new Session();

/** @type {Promise<void> | null} */
let renewal = null;

/**
 * @param {(email: string) => Promise<void>} ask logs the same user in again
 */
export function renewWith(ask) {
  onExpiry(() => {
    const account = session.account;
    if (!account) return Promise.reject(new Problem('unauthenticated', { status: 401 }));
    renewal ??= ask(account.email).finally(() => {
      renewal = null;
    });
    return renewal;
  });
}
