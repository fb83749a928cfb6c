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

  choose: {
    label: 'Choose files',
    drop: 'Drop videos or recordings here',
    files: 'Choose files',
    folder: 'Choose a folder',
    /** @param {number} limit */
    hint: (limit) => `Whole folders, too. Up to ${f.bytes(limit)} a file.`,
    /** @param {number} skipped @param {number} taken */
    skipped: (skipped, taken) =>
      taken > 0
        ? f.plural(skipped, { one: '# file is no audio or video and was left out.', other: '# files are no audio or video and were left out.' })
        : f.plural(skipped, { one: 'This file is no audio or video. Choose another one.', other: 'None of these # files is audio or video. Choose others.' }),
    unreadable: 'The browser could not read these files. Choose them with the button.',
    againTitle: 'Upload again?',
    /** @param {string} name */
    againOne: (name) => `${name} is already in the list.`,
    /** @param {number} count */
    again: (count) => `${f.number(count)} of these files are already in the list.`,
    againYes: 'Upload again',
    againNo: 'Leave out',
    /** @param {number} count */
    added: (count) => f.plural(count, { one: '# file added.', other: '# files added.' }),
  },

  files: {
    title: 'Files',
    list: 'Your files',
    nothing: 'Nothing here yet. Your MP3s will appear here.',
    nothingFound: 'No file matches.',
    more: 'Show more',
    search: 'Find by name',
    state: 'State',
    states: { all: 'All', working: 'In progress', done: 'Ready', failed: 'Failed', gone: 'Deleted or expired' },
    selectAll: 'Select all files that are shown',
    /** @param {number} count @param {number} bytes */
    selected: (count, bytes) =>
      f.plural(count, { one: '# file selected', other: '# files selected' }) + (bytes > 0 ? ` · ${f.bytes(bytes)}` : ''),
    zip: 'Download as ZIP',
    delete: 'Delete',
    nothingDone: 'None of the selected files is ready. Wait until one is.',
    /** @param {string} name */
    deletedOne: (name) => `${name} was deleted.`,
    /** @param {number} count */
    deleted: (count) => `${f.number(count)} files were deleted.`,
    /** @param {number} count */
    uploading: (count) => `${f.number(count)} uploads to go`,
    /** @param {string} name */
    ready: (name) => `${name} is ready.`,
    /** @param {number} count */
    readyAll: (count) => `${f.number(count)} files are ready.`,
    /** @param {string} name */
    failed: (name) => `${name} failed.`,
    /** @param {number} count */
    failedAll: (count) => `${f.number(count)} files failed.`,
    lost: 'No connection to the server. The page goes on by itself as soon as it is back.',
  },

  row: {
    /** @param {string} name */
    select: (name) => `Select ${name}`,
    /** @param {string} name */
    progress: (name) => `Progress of ${name}`,
    waiting: 'waits to be uploaded',
    /** @param {number} bytes */
    expected: (bytes) => `about ${f.bytes(bytes)} as MP3`,
    /** @param {number} sent @param {number} size */
    sent: (sent, size) => `${f.bytes(sent)} of ${f.bytes(size)}`,
    /** @param {number} bytes in a second */
    speed: (bytes) => `${f.bytes(bytes)}/s`,
    /** @param {number} seconds */
    left: (seconds) => `${f.duration(seconds)} left`,
    retrying: 'connection lost, goes on by itself',
    busy: 'the server is busy, goes on by itself',
    login: 'goes on after the login',
    paused: 'paused',
    unfinished: 'upload interrupted',
    chooseAgain: 'Choose the same file again. The upload goes on where it stopped.',
    choose: 'Choose file',
    /** @param {string} name @param {number} size */
    otherFile: (name, size) => `This is another file. Choose ${name} with ${f.bytes(size)}.`,
    elsewhere: 'is being uploaded elsewhere',
    /** @param {number} before */
    queued: (before) => (before > 0 ? `waiting, about ${f.number(before)} before it` : 'waiting for its turn'),
    converting: 'converting',
    /** @param {string} title */
    titled: (title) => `“${title}”`,
    /** @param {string} when */
    goneOn: (when) => `gone on ${f.day(when)}`,
    failed: 'failed',
    cancelled: 'cancelled',
    expired: 'deleted or expired',
    /** @param {number} seconds */
    at: (seconds) => `(at ${f.duration(seconds)})`,
    pause: 'Pause',
    resume: 'Resume',
    retry: 'Try again',
    cancel: 'Cancel',
    play: 'Play',
    download: 'Download',
    link: 'Copy a link',
    edit: 'Rename and edit tags',
    delete: 'Delete',
  },

  player: {
    label: 'Player',
    close: 'Close the player',
    failed: 'The MP3 cannot be played. Download it, or load the page again.',
  },

  link: {
    title: 'Link to the MP3',
    make: 'Make a link',
    expiry: 'Valid for',
    hint: 'Everybody who has the link can download the MP3, without an account.',
    /** @param {number} seconds */
    lifetime: (seconds) => (seconds < 86400 ? f.unit(seconds / 3600, 'hour') : f.unit(seconds / 86400, 'day')),
    inline: 'Play in the browser instead of saving',
    address: 'Link',
    /** @param {string} when */
    until: (when) => `Valid until ${f.time(when)}.`,
  },

  tags: { title: 'Rename and edit tags' },

  moreOptions: 'More options',
  clearOptions: 'Reset options',
  optionsMissing: 'The options cannot be loaded at the moment. Files are converted with the usual ones.',
  /** @param {number} bytes in a minute */
  estimate: (bytes) => `About ${f.bytes(bytes)} a minute`,
  groups: { sound: 'Sound', cut: 'Cut', tags: 'Tags', other: 'Source' },
  /** By the names of the API. */
  options: {
    preset: 'Preset',
    bitrate: 'Bit rate',
    quality: 'Quality (variable bit rate)',
    mono: 'Mono',
    sample_rate: 'Sample rate',
    loudness: 'Loudness (LUFS)',
    start: 'Start',
    end: 'End',
    fade_in: 'Fade in (seconds)',
    fade_out: 'Fade out (seconds)',
    trim_silence: 'Remove silence at both ends',
    title: 'Title',
    artist: 'Artist',
    album: 'Album',
    album_artist: 'Album artist',
    track_number: 'Track number',
    year: 'Year',
    genre: 'Genre',
    comment: 'Comment',
    tags: 'Tags of the file',
    cover: 'Picture of the file',
    track: 'Audio track',
    damaged: 'Damaged files',
  },
  optionHints: {
    loudness: '-30 to -5, such as -16',
    start: 'Such as 90 or 1:30.5',
    end: 'Such as 90 or 1:30.5',
    fade_in: 'Such as 2',
    fade_out: 'Such as 2',
    track: 'A number from 1, or language=de',
    track_number: 'Such as 3 or 3/12',
    year: 'Such as 2026',
  },
  /** By the name of the option and its value, by the option alone, or by the value alone. */
  choices: {
    default: 'Default',
    'preset.default': 'Standard (192 kbit/s)',
    'preset.music': 'Music, high quality',
    'preset.podcast': 'Podcast, even loudness',
    'preset.voice': 'Voice, mono',
    'preset.small': 'Small file',
    true: 'Yes',
    false: 'No',
    /** @param {string} value */
    bitrate: (value) => `${value} kbit/s`,
    /** @param {string} value */
    sample_rate: (value) => `${f.number(Number(value) / 1000)} kHz`,
    'quality.0': '0, best',
    'quality.9': '9, smallest',
    'tags.keep': 'Keep',
    'tags.none': 'Remove',
    'cover.none': 'Remove',
    'damaged.keep': 'Convert what can be read',
    'damaged.fail': 'Fail',
  },

  /** By the codes of a failed job. */
  failures: {
    'not-media': 'This is not audio or video, or it cannot be read. Choose another file.',
    'no-audio-track': 'The file has no sound. Choose a file that has an audio track.',
    'no-such-track': 'The file does not have this audio track. Upload it again with another one.',
    'too-long': 'The recording is longer than is allowed here. Convert a part of it with the options Start and End, or ask the administrator.',
    'too-large': 'The MP3 would be larger than is allowed here. Choose a lower bit rate, or a part of the recording.',
    'nothing-left': 'The recording ends before the start that you chose. Upload it again with an earlier one.',
    corrupt: 'The file is damaged, and hardly anything of it can be read. Export or copy it again, and upload that.',
    encrypted: 'The sound is encrypted (DRM). Choose a file without copy protection.',
    'unsupported-codec': 'The sound is in a format that cannot be read. Convert it to another format first.',
    'timed-out': 'The conversion took too long. Try again later, or upload a part of it.',
    internal: 'The conversion failed on the server. Upload the file again; if it fails again, tell the administrator.',
  },

  /** By the codes of the warnings of a job. */
  warnings: {
    truncated: 'The file ends earlier than it says. The MP3 has what was there.',
    damaged: 'Parts of the file were damaged and were left out.',
    'gaps-filled': 'Sound was missing in the file. Silence stands in its place.',
    discontinuity: 'The clock of the recording jumps. The jump was left out.',
    'other-track': 'The main audio track cannot be read. Another one was converted.',
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

  /** "3 MB of 20 GB" */
  of: (/** @type {string} */ used, /** @type {string} */ limit) => `${used} of ${limit}`,

  recent: {
    title: 'Confirm that it is you',
    why: 'Your last login is more than ten minutes ago. Enter your password to go on.',
    submit: 'Go on',
  },

  secret: { kept: 'I have kept it' },

  account: {
    usage: 'Usage',
    stored: 'Storage',
    waiting: 'Files that wait',
    email: 'E-mail address',
    mail: 'Mail when a file is ready',
    mailOn: 'on',
    mailOff: 'this server sends no mail',
    mailUnconfirmed: 'no, the address is not confirmed',
    maxUpload: 'Largest file',
    maxDuration: 'Longest recording',
    keepMp3: 'MP3s are kept for',
    keepVideo: 'Videos are kept for',
    access: 'Password and sessions',
    changePassword: 'Change password',
    passwordEffect: 'A new password ends all other sessions and all API keys.',
    oldPassword: 'Present password',
    passwordChanged: 'The password is changed.',
    everywhere: 'Log out everywhere',
    everywhereEffect: 'Ends all sessions of your account, this one included. API keys stay.',
  },

  keys: {
    title: 'API keys',
    lead: 'A key lets a script use this service in your name, as far as you allow.',
    none: 'You have no keys.',
    make: 'Make a key',
    name: 'Name',
    nameHint: 'What the key is for, such as “backup script”.',
    allowed: 'What the key may do',
    scopes: { 'jobs:read': 'see files', 'jobs:write': 'upload and delete', download: 'download', webhooks: 'webhooks' },
    scopeHelp: {
      'jobs:read': 'See files and how far they are',
      'jobs:write': 'Upload, change and delete files',
      download: 'Download MP3s and make links',
      webhooks: 'Manage webhooks',
    },
    lifetime: 'Ends after',
    never: 'Does not end.',
    ends: (/** @type {string} */ when) => `Ends ${when}.`,
    ended: (/** @type {string} */ when) => `Ended ${when}.`,
    used: (/** @type {string} */ when) => `Last used ${when}.`,
    unused: 'Never used.',
    made: (/** @type {string} */ name) => `Key “${name}”`,
    once: 'Copy the key now: it is not shown again.',
    rotate: 'Rotate',
    rotateOf: (/** @type {string} */ name) => `Rotate the key “${name}”`,
    rotateEffect: 'You get a new key with the same name and rights.',
    overlap: 'The old key ends',
    atOnce: 'at once',
    after: (/** @type {string} */ time) => `after ${time}`,
    revoke: 'Revoke',
    revokeOf: (/** @type {string} */ name) => `Revoke the key “${name}”`,
    revokeEffect: 'Scripts that use this key stop working within 20 seconds.',
  },

  webhooks: {
    title: 'Webhooks',
    lead: 'A webhook tells another program when one of your files is ready or has failed.',
    none: 'You have no webhooks.',
    make: 'Make a webhook',
    url: 'Address',
    urlHint: 'The server sends a POST request to it.',
    description: 'Description (optional)',
    when: 'When',
    events: { 'job.done': 'an MP3 is ready', 'job.failed': 'a file has failed' },
    types: { 'job.done': 'MP3 ready', 'job.failed': 'File failed', 'webhook.test': 'Test' },
    secret: 'Secret of the webhook',
    once: 'The receiver verifies messages with this secret. Copy it now: it is not shown again.',
    disabled: {
      owner: 'You have disabled it.',
      gone: 'It is disabled: the receiver answered that it is gone.',
      failing: 'It is disabled: the receiver did not accept a message for days.',
    },
    deliveries: 'Deliveries',
    noDeliveries: 'Nothing was sent yet.',
    reload: 'Reload',
    test: 'Test',
    testing: 'A test message is on its way.',
    edit: 'Edit',
    enable: 'Enable',
    disable: 'Disable',
    rotate: 'New secret',
    rotateEffect: 'You get a new secret. Messages carry signatures of both for 24 hours.',
    remove: 'Delete',
    removeEffect: (/** @type {string} */ url) => `${url} gets no more messages, and the list of deliveries is deleted.`,
    status: { pending: 'waits', delivered: 'delivered', failed: 'failed', cancelled: 'cancelled' },
    answered: (/** @type {number} */ status) => `the receiver answered ${status}`,
    tries: (/** @type {number} */ count) => f.plural(count, { one: '# attempt.', other: '# attempts.' }),
    next: (/** @type {string} */ when) => `Next attempt ${when}.`,
    replay: 'Send again',
  },

  admin: {
    queue: 'Queue',
    uploading: 'Uploading',
    queued: 'Waiting',
    converting: 'Converting',
    oldest: 'Oldest waits since',
    nothingWaits: 'nothing waits',
    owners: 'By user',
    share: (/** @type {number} */ uploading, /** @type {number} */ queued, /** @type {number} */ converting) =>
      `${f.number(uploading)} uploading, ${f.number(queued)} waiting, ${f.number(converting)} converting`,
    jobs: 'Show files',
    jobsOf: (/** @type {string} */ email) => `Files of ${email} in the queue`,
    noJobs: 'Nothing of this user is in the queue any more.',
    status: { uploading: 'uploading', queued: 'waiting', converting: 'converting' },
    cancelJob: 'Cancel conversion',
    cancelEffect: (/** @type {string} */ name) => `“${name}” is not converted, and its video is deleted.`,
    keepJobRunning: 'Leave it',
    workers: 'Busy workers',
    idle: 'No worker is converting.',
    works: (/** @type {string} */ owner, /** @type {string} */ progress) => `a file of ${owner}, ${progress} done`,
    disk: 'Disk',
    diskUsed: 'Used by media and others',
    diskUnknown: 'The media store does not tell its size.',
    rules: 'Limits and retention in force',
    unlimited: 'no limit',
    maxStored: 'Storage of a user',
    maxWaiting: 'Files of a user that may wait',
    maxConverting: 'Conversions of a user at a time',
    maxOpen: 'Unfinished uploads of a user',
    maxTransfers: 'Uploads and downloads of a user at a time',
    maxRequests: 'Requests of a user in a minute',
    keepUpload: 'Unfinished uploads are kept for',
    keepJob: 'Entries in the list are kept for',
  },

  users: {
    title: 'Users',
    find: 'Find by e-mail address',
    none: 'No user has such an address.',
    more: 'Show more',
    make: 'Make a user',
    makeEffect: 'You get a one-time password for the new user, who chooses another one at the first login.',
    roles: 'Role',
    admin: 'administrator',
    you: 'you',
    unconfirmed: 'address not confirmed',
    since: (/** @type {string} */ day) => `since ${day}`,
    disabled: 'Disabled: cannot log in.',
    disable: 'Disable',
    disableEffect: (/** @type {string} */ email) =>
      `${email} cannot log in any more, and all sessions and API keys of this user end for good. Files stay.`,
    enable: 'Enable',
    promote: 'Make administrator',
    promoteEffect: (/** @type {string} */ email) => `${email} may manage all users and see all files. All sessions of this user end.`,
    demote: 'Make ordinary user',
    demoteEffect: (/** @type {string} */ email) => `${email} is not an administrator any more. All sessions of this user end.`,
    oneTime: 'One-time password',
    oneTimeEffect: (/** @type {string} */ email) =>
      `The password of ${email} is replaced, and all sessions and API keys of this user end.`,
    oneTimeShown: (/** @type {string} */ email) =>
      `Give it to ${email}. It is good for one login, at which another password is chosen. It is not shown again.`,
    remove: 'Delete',
    removeEffect: (/** @type {string} */ email) => `The account of ${email} is deleted with all files. This cannot be undone.`,
  },
});
