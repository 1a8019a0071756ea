import { checkSchema, compileSchema, schemaDigest } from '#schema';
import { RegistryError } from '../registry-error.js';
import type { Resolved } from '../steps/resolve-references.js';

const MOST = 2000;

/** Remembers which contents could be compiled, since compiling is the dearest part of every question about a schema. */
export class Compiled {
  readonly #known = new Map<string, string | undefined>();

  /** Throws 42201 for a schema that cannot be compiled. That of a record type must carry its annotations, too. */
  refuse(isOnRoad: boolean, text: string, { references, digests, stored }: Resolved): void {
    const names = stored.map(({ name }) => name);
    const key = JSON.stringify([isOnRoad, schemaDigest(text, digests), names]);
    if (!this.#known.has(key)) {
      if (this.#known.size >= MOST) this.#known.clear();
      const result = isOnRoad ? compileSchema(text, references) : checkSchema(text, references);
      this.#known.set(key, result.ok ? undefined : `${result.faults[0]?.code ?? 'SCHEMA_INVALID'}: ${result.detail}`);
    }
    const refusal = this.#known.get(key);
    if (refusal !== undefined) throw new RegistryError(42201, refusal);
  }
}
