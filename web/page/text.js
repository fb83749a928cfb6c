/**
 * What the page says, in the reader's language. The texts of a language are in text/LANGUAGE.js; English is the one
 * from which the types of all are taken.
 */
import english from './text/en.js';
import { formatsOf } from './formats.js';
import { recall, remember } from './preferences.js';

/** @typedef {ReturnType<typeof english>} Texts */
/** @typedef {(formats: import('./formats.js').Formats) => Texts} Language */

/** @type {Record<string, {name: string, load: () => Promise<Language>}>} */
const LANGUAGES = {
  en: { name: 'English', load: () => Promise.resolve(english) },
  de: { name: 'Deutsch', load: async () => (await import('./text/de.js')).default },
};

/** By their codes. */
export const languages = Object.entries(LANGUAGES).map(([code, { name }]) => ({ code, name }));

function preferred() {
  const wanted = [recall('language') ?? '', ...navigator.languages].map((tag) => tag.split('-', 1)[0] ?? '');
  return wanted.find((code) => code in LANGUAGES) ?? 'en';
}

/** The code of the language in use. */
export const language = preferred();

/** With the reader's own region, if it is one of this language: numbers and dates differ between regions. */
const locale = navigator.languages.find((tag) => tag.split('-', 1)[0] === language) ?? language;

export const format = formatsOf(locale);

export const text = (await (LANGUAGES[language] ?? { load: () => Promise.resolve(english) }).load())(format);

document.documentElement.lang = language;

/** @param {string} code of {@link languages} */
export function changeLanguage(code) {
  remember('language', code);
  location.reload();
}

/**
 * A sentence that says what to do.
 *
 * @param {unknown} error
 * @returns {string}
 */
export function explain(error) {
  const problem = /** @type {import('./api.js').Problem} */ (error);
  const sentences = /** @type {Record<string, string | ((problem: import('./api.js').Problem) => string)>} */ (text.problems);
  const sentence = sentences[problem?.code ?? 'internal'] ?? text.problems.internal;
  return typeof sentence === 'function' ? sentence(problem) : sentence;
}
