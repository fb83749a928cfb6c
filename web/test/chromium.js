import { existsSync } from 'node:fs';
import process from 'node:process';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The path of a Chromium; undefined if there is none. */
export function findChromium() {
  return process.env.CHROMIUM || CANDIDATES.find((path) => existsSync(path));
}

// as a program, it prints the path, and fails if there is none
if (process.argv[1] === import.meta.filename) {
  const found = findChromium();
  if (found) console.log(found);
  else process.exitCode = 1;
}
