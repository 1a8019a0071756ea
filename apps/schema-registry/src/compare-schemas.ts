import type { Compare } from './changes/safety.js';
import { RegistryError } from './registry-error.js';

/** Nothing is compared yet: no level but NONE can be set, so nobody asks. */
export function compareSchemas(): Compare {
  return async () => {
    throw new RegistryError(42203, 'Nothing is compared yet, so the level is NONE.');
  };
}
