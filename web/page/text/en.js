/**
 * What the page says in English. A text with a part that changes is a function. Another language has the same names;
 * `tsc` compares them.
 *
 * @typedef {import('../api.js').Problem} Problem
 */

/** @param {import('../formats.js').Formats} f */
export default (f) => ({
  close: 'Close',
  cancel: 'Cancel',
  save: 'Save',
  undo: 'Undo',
  copy: 'Copy',
  copied: 'Copied',
  tryAgain: 'Try again',
  unreachable: 'The server does not answer',

  nav: {
    label: 'Pages',
    files: 'Files',
    account: 'Account',
    admin: 'Administration',
    logOut: 'Log out',
    skip: 'Skip to the content',
    api: 'API',
    language: 'Language',
  },

  login: {
    title: 'Log in',
    lead: 'Turn videos and recordings into MP3.',
    submit: 'Log in',
    email: 'E-mail address',
    password: 'Password',
    newPassword: 'New password',
    passwordRule: 'At least 8 characters.',
    noAccount: 'No account yet?',
    closed: 'No account yet? Ask the administrator of this server for one.',
    register: 'Create an account',
    back: 'I have an account',
    replace: 'This password is good for one thing only: to choose your own. Choose it now.',
    replaceSubmit: 'Change password and log in',
    expiredTitle: 'Log in again',
    expired: 'Your session has ended. Log in again to go on; nothing on this page is lost.',
  },

  /** By the codes of docs/api.md. */
  problems: {
    offline: 'The server does not answer. Check your connection, and try again.',
    'malformed-request': 'The server did not understand the request. Load the page again, and try again.',
    'invalid-email': 'This is not an e-mail address. Check it for a missing @ or a typing error.',
    'invalid-password': 'Choose another password: one of 8 to 128 characters that is not among the commonest ones.',
    'invalid-roles': 'The server does not know this role. Choose user or administrator.',
    'invalid-options': (/** @type {Problem} */ p) => `These options cannot be used together. ${p.detail}`.trim(),
    'option-after-file': 'The upload was not sent in order. Load the page again, and try again.',
    'not-one-file': 'The upload had no file. Choose it again.',
    'invalid-metadata': 'The server did not understand the name or the options. Load the page again, and try again.',
    'empty-file': 'The file is empty. Choose another one.',
    'missing-parameter': 'Something is missing in the request. Load the page again, and try again.',
    'invalid-cursor': 'The list has changed. Load the page again.',
    'invalid-key': (/** @type {Problem} */ p) => `The key cannot be made. ${p.detail}`.trim(),
    'invalid-webhook': (/** @type {Problem} */ p) => `The webhook cannot be used. ${p.detail}`.trim(),
    unauthenticated: 'You are not logged in any more. Log in again.',
    'bad-credentials': 'The address or the password is wrong. Check both, and try again.',
    'token-too-old': 'For this, log in again first: your last login is more than ten minutes ago.',
    forbidden: 'Only administrators may do this. Ask one of them.',
    'password-change-required': 'Change your one-time password first.',
    'registration-closed': 'Nobody can register here. Ask the administrator for an account.',
    'insufficient-scope': 'The API key does not allow this. Use a key with more scopes.',
    'cross-site': 'The browser sent the request for another site. Load the page again, and try again.',
    'bad-link': 'This link is not complete or was changed. Ask for a new one.',
    'not-found': 'It is not there any more. Load the page again to see what is.',
    'method-not-allowed': 'The server does not support this. Load the page again: it may be of an older version.',
    'not-acceptable': 'The server cannot answer in this format. Load the page again.',
    'email-taken': 'This address already has an account. Log in, or use another address.',
    'last-administrator': 'This is the last administrator. Make somebody else an administrator first.',
    'not-ready': 'One of the MP3s is not ready. Wait until it is, or leave it out.',
    'upload-cancelled': 'The upload was cancelled. Choose the file again to start over.',
    'offset-mismatch': 'The upload does not fit what the server has. It goes on from there; try again.',
    'upload-superseded': 'The upload goes on in another window.',
    'too-many-keys': 'You have as many API keys as are allowed. Delete one that you do not use.',
    'too-many-webhooks': 'You have as many webhooks as are allowed. Delete one that you do not use.',
    'webhook-disabled': 'The webhook is disabled. Enable it first.',
    gone: 'The MP3 was deleted. Upload the file again to convert it again.',
    'upload-gone': 'The upload was not continued in time, or was cancelled. Choose the file again to start over.',
    'link-expired': 'The link has expired. Ask for a new one.',
    'precondition-failed': 'The MP3 has changed meanwhile. Load the page again.',
    'unsupported-tus-version': 'The page does not fit this server. Load it again.',
    'too-large': (/** @type {Problem} */ p) =>
      Number(p.body['size']) > 0 && Number(p.body['limit']) > 0
        ? `${f.bytes(Number(p.body['size']))} is more than the ${f.bytes(Number(p.body['limit']))} allowed here. Cut the file into parts, or ask the administrator.`
        : 'The file is larger than is allowed here. Cut it into parts, or ask the administrator.',
    'unsupported-type': 'The server does not take this kind of request. Load the page again.',
    'not-media': 'This is not an audio or video file. Choose another one.',
    'range-not-satisfiable': 'This part of the MP3 does not exist. Load the page again.',
    misdirected: 'The request reached the wrong server. Check the address of this page.',
    'idempotency-key-reused': 'This upload was already begun with other options. Choose the file again.',
    'too-many-requests': (/** @type {Problem} */ p) =>
      p.retryAfter > 0
        ? `Too many requests. Wait ${f.duration(p.retryAfter)}, and try again.`
        : 'Too many requests. Wait a little, and try again.',
    'too-many-streams': 'Too many windows show your files. Close some of them.',
    'too-many-jobs': 'Too many of your files are waiting. Wait until some are converted, or cancel some.',
    'too-many-uploads': 'Too many of your uploads are not complete. Finish or cancel some.',
    'checksum-mismatch': 'The file was damaged on its way. Try again.',
    internal: 'Something went wrong on the server. Try again; if it happens again, tell the administrator.',
    unavailable: 'The server is not ready. Try again in a moment.',
    'quota-exceeded': 'Your storage is full. Delete files that you do not need, and try again.',
    'disk-full': 'The server has no space left. Tell the administrator, or try again later.',
  },
});
