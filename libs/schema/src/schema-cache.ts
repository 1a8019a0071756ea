import { type CompileResult, compileSchema } from './compile.js';
import type { Reference } from './source/library.js';

const DEFAULT_CAPACITY = 256;

/** Compiled schemas by digest. The one that was not asked for longest makes room. A refusal is kept too: it cannot change. */
export class SchemaCache {
  private readonly known = new Map<string, CompileResult>();

  constructor(private readonly capacity = DEFAULT_CAPACITY) {}

  get size(): number {
    return this.known.size;
  }

  /** The compiled schema with this digest; `source` is asked only where it has to be compiled. */
  obtain(digest: string, source: () => { readonly text: string; readonly references: readonly Reference[] }): CompileResult {
    let result = this.known.get(digest);
    if (result === undefined) {
      const { text, references } = source();
      result = compileSchema(text, references);
    } else this.known.delete(digest);
    this.known.set(digest, result);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= this.capacity) break;
      this.known.delete(oldest);
    }
    return result;
  }
}
