/** All journeys, one after the other on one system. Those that kill it come last. */
import { after, before } from 'node:test';
import { Browser } from './browser.js';
import { accountJourneys } from './journeys/account.js';
import { administrationJourneys } from './journeys/administration.js';
import { everyoneJourneys } from './journeys/everyone.js';
import { fileJourneys } from './journeys/files.js';
import { outageJourneys } from './journeys/outages.js';
import { System } from './system.js';

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

const running = () => browser;

fileJourneys(running);
accountJourneys(running);
administrationJourneys(running);
everyoneJourneys(running);
outageJourneys(running);
