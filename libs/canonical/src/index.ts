export { canonicalize } from './canonicalize.js';
export { DIGEST_PREFIX, isSha256Digest, sha256, sha256Base64url, sha256Digest } from './digest.js';
export { isCanonical } from './is-canonical.js';
export { isJsonObject, type JsonObject, type JsonValue } from './json-value.js';
export { MAX_DEPTH, MAX_RECORD_BYTES } from './limits.js';
export { parseCanonical } from './parse-canonical.js';
export { parseStrict, type StrictResult } from './parse-strict.js';
export { pointerOf } from './pointer.js';
export { type ByteRange, sliceMembers } from './slice-members.js';
