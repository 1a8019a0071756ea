import type { Scenario } from './scenario.js';
import { BROKERS } from './scenarios/brokers.js';
import { CONSUMERS } from './scenarios/consumers.js';
import { EVIDENCE } from './scenarios/evidence.js';
import { INPUT } from './scenarios/input.js';
import { KEYS } from './scenarios/keys.js';
import { KILLS } from './scenarios/kill.js';
import { LIFE } from './scenarios/life.js';
import { LOAD } from './scenarios/load.js';
import { NETWORK } from './scenarios/network.js';
import { STORES } from './scenarios/stores.js';

/** Every scenario of `npm run disturb`. */
export const SCENARIOS: readonly Scenario[] = [
  ...KILLS,
  ...LIFE,
  ...BROKERS,
  ...NETWORK,
  ...STORES,
  ...INPUT,
  ...EVIDENCE,
  ...KEYS,
  ...CONSUMERS,
  ...LOAD,
];

/** How many faults the list has (reference/reliability.md 7.4). */
export const FAULTS = 26;

/** Faults of the list that no scenario makes, and what shows them instead. */
export const ELSEWHERE: Readonly<Record<number, string>> = {
  22: 'no schema here takes its sequence from the agency; apps/signing and libs/consumer show that order and gaps are told',
};
