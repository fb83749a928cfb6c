import { after, before } from 'node:test';
import { Browser } from './browser.js';
import { System } from './system.js';

/**
 * Takes journeys one after the other, on one system. Those that kill it come last.
 *
 * @param {((running: () => Browser) => void)[]} journeys
 */
export function take(...journeys) {
  /** @type {System} */
  let system;
  /** @type {Browser} */
  let browser;
  before(async () => {
    system = await System.start({ MAX_STORED_PER_USER: '64MB' });
    browser = await Browser.start(system);
  });
  after(async () => {
    await browser?.stop();
    await system?.stop();
  });
  for (const each of journeys) each(() => browser);
}
