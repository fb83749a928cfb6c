/**
 * How fast the page is there, in Chromium: node web/test/measure.js
 *
 * Prints the medians of several visits without a cache.
 */
import { Browser } from './browser.js';
import { System } from './system.js';

const VISITS = 7;

/** @param {number[]} values */
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

const system = await System.start();
const browser = await Browser.start(system);
const account = await browser.account();
/** @type {(() => Promise<void>)[]} */
const ends = [];
const run = /** @type {any} */ ({ after: (/** @type {() => Promise<void>} */ end) => ends.push(end) });

/** @param {boolean} loggedIn */
async function visit(loggedIn) {
  const visitor = await browser.visit(run);
  if (loggedIn) {
    await visitor.enter(account);
    await visitor.page.close();
  }
  const page = await visitor.context.newPage();
  const session = await visitor.context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  let bytes = 0;
  session.on('Network.dataReceived', ({ encodedDataLength }) => (bytes += encodedDataLength));
  session.on('Network.responseReceived', ({ response }) => (bytes += response.encodedDataLength));
  await page.addInitScript(() => {
    const seen = { blocked: 0, shift: 0 };
    Object.assign(window, { seen });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.blocked += Math.max(0, duration - 50);
    }).observe({ type: 'longtask', buffered: true });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += /** @type {any} */ (entry).value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await page.goto('/');
  await page.locator(loggedIn ? 'upload-options select' : 'login-view input').first().waitFor();
  await page.waitForTimeout(1500);
  const measured = await page.evaluate(() => ({
    .../** @type {any} */ (window).seen,
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
  }));
  await visitor.context.close();
  return { bytes, ...measured };
}

try {
  for (const loggedIn of [false, true]) {
    /** @type {{bytes: number, paint: number, blocked: number, shift: number}[]} */
    const visits = [];
    for (let i = 0; i < VISITS; i++) visits.push(await visit(loggedIn));
    const of = (/** @type {'bytes' | 'paint' | 'blocked' | 'shift'} */ name) => median(visits.map((each) => each[name]));
    console.log(
      `${loggedIn ? 'files' : 'login'}: transfer ${Math.round(of('bytes') / 1000)} KB, ` +
        `first contentful paint ${Math.round(of('paint'))} ms, total blocking time ${Math.round(of('blocked'))} ms, ` +
        `cumulative layout shift ${of('shift').toFixed(3)}`,
    );
  }
} finally {
  await browser.stop();
  await system.stop();
}
