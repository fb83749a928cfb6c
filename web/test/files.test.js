import { everyoneJourneys } from './journeys/everyone.js';
import { fileJourneys } from './journeys/files.js';
import { take } from './journeys.js';

take(fileJourneys, everyoneJourneys);
