import type { KeySource } from '#consumer';
import { type KeySet, readKeySet } from '#envelope';

/** The published keys of the gateway, fetched from its address now and whenever an envelope has a key that is not among them. */
export async function keysFrom(url: string): Promise<KeySource> {
  const fetched = async (): Promise<KeySet> => readKeySet(await (await fetch(url)).json());
  let keys = await fetched();
  return {
    current: () => keys,
    async refresh() {
      keys = await fetched();
    },
  };
}
