/**
 * A WAV file with a tone.
 *
 * @param {number} seconds
 * @param {{ hertz?: number, rate?: number, channels?: number }} [sound]
 */
export function tone(seconds, { hertz = 440, rate = 8000, channels = 1 } = {}) {
  const frames = Math.round(seconds * rate);
  const bytes = Buffer.alloc(44 + frames * channels * 2);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * channels * 2, 28);
  bytes.writeUInt16LE(channels * 2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(frames * channels * 2, 40);
  for (let frame = 0; frame < frames; frame++) {
    const value = Math.round(9000 * Math.sin((2 * Math.PI * hertz * frame) / rate));
    for (let channel = 0; channel < channels; channel++)
      bytes.writeInt16LE(value, 44 + (frame * channels + channel) * 2);
  }
  return bytes;
}

/**
 * As a person chooses it.
 *
 * @param {string} name
 * @param {Buffer} [buffer]
 */
export function file(name, buffer = tone(1)) {
  return { name, mimeType: name.endsWith('.txt') ? 'text/plain' : 'audio/wav', buffer };
}

/**
 * Uploads silence that takes long to convert, and returns the id of its job when a worker has it.
 *
 * @param {import('./browser.js').Visitor} visitor
 * @param {number} [minutes]
 */
export async function slowJob(visitor, minutes = 150) {
  const rate = 500; // low, and one byte a sample, so that hours are a small file
  const silence = Buffer.alloc(44 + minutes * 60 * rate, 0x80);
  tone(0, { rate }).copy(silence);
  silence.writeUInt32LE(silence.length - 8, 4);
  silence.writeUInt32LE(rate, 28);
  silence.writeUInt16LE(1, 32);
  silence.writeUInt16LE(8, 34);
  silence.writeUInt32LE(silence.length - 44, 40);
  const answer = await visitor.context.request.post('/upload', {
    headers: { Origin: visitor.url },
    multipart: {
      sample_rate: '48000',
      bitrate: '32',
      file: { name: 'slow.wav', mimeType: 'audio/wav', buffer: silence },
    },
  });
  if (answer.status() !== 202) throw new Error(`${answer.status()} ${await answer.text()}`);
  const { id } = await answer.json();
  for (;;) {
    const { status } = await visitor.api('GET', `/jobs/${id}`);
    if (status === 'converting') return id;
    if (status !== 'queued') throw new Error(`the job is ${status}`);
  }
}

/**
 * Drops files on the page.
 *
 * @param {import('playwright-core').Page} page
 * @param {{name: string, mimeType: string, buffer: Buffer}[]} files
 */
export async function dropped(page, files) {
  const sent = files.map(({ name, mimeType, buffer }) => ({ name, mimeType, base64: buffer.toString('base64') }));
  await page.evaluate((all) => {
    const dataTransfer = new DataTransfer();
    for (const { name, mimeType, base64 } of all) {
      const bytes = Uint8Array.from(atob(base64), (character) => character.codePointAt(0) ?? 0);
      dataTransfer.items.add(new File([bytes], name, { type: mimeType }));
    }
    for (const type of ['dragenter', 'dragover', 'drop'])
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
  }, sent);
}

/**
 * The row of a file in a phase.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} name
 * @param {string} phase
 */
export function row(page, name, phase) {
  const named = page.locator('.row-name').getByText(name, { exact: true });
  return page.locator(`file-row[data-phase="${phase}"]`).filter({ has: named });
}

/**
 * Limits what the page sends in a second; 0 stands for a network that is gone.
 *
 * @param {import('playwright-core').BrowserContext} context
 * @param {import('playwright-core').Page} page
 * @param {number} bytesPerSecond Infinity: as fast as it goes
 */
export async function slowNetwork(context, page, bytesPerSecond) {
  const session = sessions.get(page) ?? (await context.newCDPSession(page));
  sessions.set(page, session);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: bytesPerSecond === 0,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: Number.isFinite(bytesPerSecond) ? bytesPerSecond : -1,
  });
}

/** @type {WeakMap<import('playwright-core').Page, import('playwright-core').CDPSession>} */
const sessions = new WeakMap();
