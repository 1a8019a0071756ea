import { type KeySet, readKeySet } from '#envelope';
import type { Instance } from './instance.js';

/** The sealing keys that an instance publishes, as a consumer keeps them: those that it has read, and a way to read them again. */
export interface PublishedKeys {
  current(): KeySet;
  refresh(): Promise<void>;
}

/** Reads the keys for the first time. */
export async function publishedKeys({ signing }: Instance): Promise<PublishedKeys> {
  const read = async () => readKeySet(await (await fetch(`${signing.url}/.well-known/jwks.json`)).json());
  let keys = await read();
  return {
    current: () => keys,
    async refresh() {
      keys = await read();
    },
  };
}
