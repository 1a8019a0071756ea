import { encodes } from '../base64url.js';
import { RECORD_TYP } from '../claims.js';
import type { CompactProfile } from './compact.js';

/** The header of an envelope of ours. */
export const RECORD_PROFILE: CompactProfile = {
  required: ['alg', 'iat', 'kid', 'typ'],
  optional: { 'x5t#S256': (value) => encodes(value, 32) },
  typ: RECORD_TYP,
  kid: /^[A-Za-z0-9_-]{43}$/,
  issuer: true,
  purpose: 'sealing',
};
