import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { FAKETIME } from '../instance/faketime.js';

/** What is set up for a scenario; scenarios of one stage share it. */
export interface Stage {
  readonly brokers: 1 | 3;
  /** A proxy between everybody and the broker. */
  readonly proxied?: boolean;
  /** How long the log goes on without witnesses. */
  readonly windowSeconds?: number;
  /** Three witnesses of the log, a small disk under it, and its index in a PostgreSQL. */
  readonly evidence?: boolean;
  /** A small disk under the broker. */
  readonly smallBroker?: boolean;
  /** No consumer has a webhook. */
  readonly byTopicOnly?: boolean;
  /** Within which time the consumer with a webhook ought to sign receipts; it never does. */
  readonly receipts?: string;
  /** Signing keeps its keys in a token (PKCS #11). */
  readonly token?: boolean;
}

const SOFTHSM = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib64/pkcs11/libsofthsm2.so', '/usr/local/lib/softhsm/libsofthsm2.so'];
export const TOKEN_LIBRARY = SOFTHSM.find((file) => existsSync(file));

export const STAGES = {
  plain: { brokers: 1 },
  network: { brokers: 1, proxied: true },
  'three brokers': { brokers: 3 },
  evidence: { brokers: 1, evidence: true },
  'full disk': { brokers: 1, smallBroker: true },
  token: { brokers: 1, token: true },
  'no webhook': { brokers: 1, byTopicOnly: true },
  // Everything that an alert can be about; the window of the witnesses is shortened as the rules are.
  alerts: { brokers: 1, evidence: true, windowSeconds: 15, receipts: 'PT1M', token: TOKEN_LIBRARY !== undefined },
} as const satisfies Record<string, Stage>;
export type StageName = keyof typeof STAGES;
export const stageOf = (name: StageName): Stage => STAGES[name];

/** Why the machine cannot do it; undefined where it can. */
export const without = {
  clock: () => (FAKETIME === undefined ? 'libfaketime is not installed (Debian package faketime)' : undefined),
  token: () => (TOKEN_LIBRARY === undefined ? 'SoftHSM is not installed (Debian package softhsm2)' : undefined),
  smallDisk: () =>
    process.getuid?.() === 0 && spawnSync('mount', ['--version']).error === undefined
      ? undefined
      : 'a small file system can only be mounted by root',
};
