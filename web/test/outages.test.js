import { outageJourneys } from './journeys/outages.js';
import { take } from './journeys.js';

take(outageJourneys);
