import type { MemberId } from '#record';
import type { Salter } from '../identity.js';
import type { Signer } from '../keys/custody.js';

/** Who seals: the issuer, its key, and where its salts come from. */
export interface Sealer {
  readonly iss: MemberId;
  readonly signer: Signer;
  readonly salt: Salter;
}
