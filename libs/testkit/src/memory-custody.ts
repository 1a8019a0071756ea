import type { KeyObject } from 'node:crypto';
import { generatePrivateKey, type KeyCustody, type KeyDescription, type Kid, kidOf, publicJwkOf, signRaw } from '#envelope';
import { FaultError } from '#faults';

/** A key store in memory, for tests of services that sign. */
export function memoryCustody(): KeyCustody {
  const held = new Map<Kid, KeyDescription & { readonly privateKey: KeyObject }>();
  return {
    store: 'file',
    sign(kid, bytes) {
      const key = held.get(kid);
      if (key === undefined) throw new FaultError('KEY_ABSENT', kid);
      return signRaw(key.alg, key.privateKey, bytes);
    },
    keys: async (purpose) => [...held.values()].filter((key) => key.purpose === purpose),
    async create(purpose, alg, now) {
      const privateKey = generatePrivateKey(alg);
      const jwk = publicJwkOf(privateKey);
      const key = { kid: kidOf(jwk), alg, purpose, created: now, jwk, privateKey };
      held.set(key.kid, key);
      return key;
    },
    ready: () => true,
    close: async () => undefined,
  };
}
