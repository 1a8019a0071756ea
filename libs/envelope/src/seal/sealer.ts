import type { KeyObject } from 'node:crypto';
import type { MemberId } from '#record';
import type { Signer } from '../keys/sealing-key.js';

/** Who seals: the issuer, its key, and the key that its salts come from. */
export interface Sealer {
  readonly iss: MemberId;
  readonly signer: Signer;
  readonly saltKey: KeyObject;
}
