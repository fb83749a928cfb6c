/** What the page says, in all languages, and the files that it is made of. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { formatsOf } from '../page/formats.js';

const WEB = resolve(import.meta.dirname, '..');
const API = readFileSync(resolve(WEB, '../docs/api.md'), 'utf8');
const LANGUAGES = readdirSync(join(WEB, 'page/text'))
  .filter((name) => name.endsWith('.js'))
  .map((name) => name.slice(0, -'.js'.length));

/** @param {string} language @returns {Promise<Record<string, any>>} */
async function texts(language) {
  return (await import(`../page/text/${language}.js`)).default(formatsOf(language));
}

/** The names of all texts, with the kind of each. @param {object} of @param {string} path @returns {string[]} */
function names(of, path = '') {
  return Object.entries(of).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null ? names(value, `${path}${name}.`) : [`${path}${name}: ${typeof value}`],
  );
}

/** The codes in the first column of the table that follows a text. @param {string} before */
function codes(before) {
  const from = API.indexOf(before);
  assert.notEqual(from, -1, `docs/api.md has no "${before}"`);
  const table = API.slice(API.indexOf('\n| ', from) + 1).split('\n\n', 1)[0] ?? '';
  const found = [...table.matchAll(/^\| `([a-z-]+)` /gm)].map(([, code]) => code ?? '');
  assert.notEqual(found.length, 0, before);
  return found.sort();
}

test('all languages say the same things', async () => {
  const english = names(await texts('en')).sort();
  assert.ok(LANGUAGES.includes('de'));
  for (const language of LANGUAGES) assert.deepEqual(names(await texts(language)).sort(), english, language);
});

test('no text is empty, and German is not English', async () => {
  /** @type {(of: object) => string[]} */
  const flat = (of) => JSON.stringify(of).match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  for (const language of LANGUAGES) assert.ok(!flat(await texts(language)).includes('""'), language);
  const english = Object.entries((await texts('en'))['problems']);
  const german = (await texts('de'))['problems'];
  for (const [code, sentence] of english) assert.notEqual(german[code], sentence, code);
});

test('every problem, failure and warning of the API has a sentence', async () => {
  for (const language of LANGUAGES) {
    const { problems, failures, warnings } = await texts(language);
    // "offline" is the page's own: there was no answer
    assert.deepEqual(Object.keys(problems).filter((code) => code !== 'offline').sort(), codes('## Errors'), language);
    assert.deepEqual(Object.keys(failures).sort(), codes('A failed job has `failure`'), language);
    assert.deepEqual(Object.keys(warnings).sort(), codes('### Warnings'), language);
  }
});

test('numbers, sizes, times and plurals are those of the language', () => {
  const english = formatsOf('en-GB');
  const german = formatsOf('de-DE');
  assert.equal(english.bytes(4_509_715_660).replace(/\s/g, ' '), '4.2 GB');
  assert.equal(german.bytes(4_509_715_660).replace(/\s/g, ' '), '4,2 GB');
  assert.equal(english.bytes(0).replace(/\s/g, ' '), '0 bytes');
  assert.equal(english.plural(1, { one: '# file', other: '# files' }), '1 file');
  assert.equal(english.plural(1234, { one: '# file', other: '# files' }), '1,234 files');
  assert.equal(german.day('2020-05-03T12:00:00Z'), '3. Mai 2020');
});

test('vendored files are those of their packages', () => {
  const directory = join(WEB, 'page/vendor');
  const table = readFileSync(join(directory, 'README.md'), 'utf8');
  const listed = [...table.matchAll(/^\| `(.+?)` .*`([0-9a-f]{64})` \|$/gm)];
  assert.notEqual(listed.length, 0);
  for (const [, name, hash] of listed)
    assert.equal(createHash('sha256').update(readFileSync(join(directory, name ?? ''))).digest('hex'), hash, name);
  const scripts = readdirSync(directory).filter((name) => name.endsWith('.js'));
  assert.deepEqual(scripts, listed.map(([, name]) => name));
});

test('the lock file names no registry', () => {
  assert.ok(!readFileSync(join(WEB, 'package-lock.json'), 'utf8').includes('"resolved"'));
});
