import { FaultError } from '#faults';
import type { Registry } from '#record';
import type { Secret } from '#settings';

/** Who has the key of pseudonyms: asked for them, since the key never leaves it. */
export interface PseudonymKeeper {
  /** For each identifier its pseudonym in each registry. Throws PSEUDONYMS_UNAVAILABLE. */
  pseudonyms(identifiers: readonly string[], registries: readonly Registry[]): Promise<readonly ReadonlyMap<Registry, string>[]>;
}

const PATIENCE_MS = 5000;
const PSEUDONYM = /^[A-Za-z0-9_-]{43}$/;

/** Validation, at `url`, as the caller `delivery` with its secret. */
export function validationKeeper(url: string, secret: Secret): PseudonymKeeper {
  const address = `${url.replace(/\/$/, '')}/v1/pseudonyms`;
  return {
    async pseudonyms(identifiers, registries) {
      try {
        const authorization = `Basic ${Buffer.from(`delivery:${secret.reveal()}`).toString('base64')}`;
        const answer = await fetch(address, {
          method: 'POST',
          headers: { authorization, 'content-type': 'application/json' },
          body: JSON.stringify({ identifiers, registries }),
          redirect: 'error',
          signal: AbortSignal.timeout(PATIENCE_MS),
        });
        if (answer.status !== 200) throw new FaultError('PSEUDONYMS_UNAVAILABLE', `it answers ${answer.status}`);
        return readAnswer(await answer.json(), identifiers.length, registries);
      } catch (error) {
        if (error instanceof FaultError) throw error;
        throw new FaultError('PSEUDONYMS_UNAVAILABLE', 'it does not answer'); // a cause could quote what was asked
      }
    },
  };
}

function readAnswer(body: unknown, count: number, registries: readonly Registry[]) {
  const { pseudonyms } = Object(body) as { pseudonyms?: unknown };
  const rows = Array.isArray(pseudonyms) ? pseudonyms : [];
  const read = rows.map(
    (row: unknown) => new Map(registries.map((registry) => [registry, (Object(row) as Record<string, unknown>)[registry]])),
  );
  const whole = read.every((row) => [...row.values()].every((one) => typeof one === 'string' && PSEUDONYM.test(one)));
  if (rows.length !== count || !whole) throw new FaultError('PSEUDONYMS_UNAVAILABLE', 'it does not answer what was asked');
  return read as ReadonlyMap<Registry, string>[];
}
