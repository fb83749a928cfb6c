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
 */
export async function slowJob(visitor) {
  const minutes = 25;
  const silence = Buffer.alloc(44 + minutes * 60 * 16_000);
  tone(0).copy(silence);
  silence.writeUInt32LE(silence.length - 8, 4);
  silence.writeUInt32LE(silence.length - 44, 40);
  const answer = await visitor.context.request.post('/upload', {
    headers: { Origin: visitor.url },
    multipart: {
      sample_rate: '48000',
      bitrate: '320',
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
