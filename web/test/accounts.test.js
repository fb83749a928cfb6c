import { accountJourneys } from './journeys/account.js';
import { administrationJourneys } from './journeys/administration.js';
import { take } from './journeys.js';

take(accountJourneys, administrationJourneys);
