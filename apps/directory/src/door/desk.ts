import type { FollowedConfiguration } from '#configuration';
import type { MemberId } from '#record';
import type { Table } from '#stream';
import type { Metrics } from '#telemetry';
import type { Register } from '../state/register.js';

/** The injection token of {@link Desk}. */
export const DESK = Symbol('directory');

/** What the doors of the directory work with. */
export interface Desk {
  readonly register: Register;
  readonly operator: MemberId;
  /** The configuration as services follow it, and its bytes. */
  readonly followed: Pick<FollowedConfiguration, 'current'>;
  readonly published: Pick<Table, 'get'>;
  /** The keys by which it is verified, as a JWK set. */
  readonly jwks: unknown;
  readonly metrics: Pick<Metrics, 'refusedCallers'>;
  readonly now: () => Date;
}
