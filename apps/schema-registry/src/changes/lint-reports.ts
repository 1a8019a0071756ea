import type { Finding, SchemaSource } from '#compatibility';
import { schemaDigest } from '#schema';

/** Looks a schema over: one verb, so that whoever registers need not know how. */
export type Lint = (source: SchemaSource) => Promise<readonly Finding[]>;

const MOST = 1000;

/**
 * What there is to say of a schema that is accepted as its publisher ships it: odd identifiers, annotations that nobody acts upon, likely
 * mistakes. Told, never a reason to refuse. The same content is looked over once.
 */
export class LintReports {
  readonly #known = new Map<string, Promise<readonly Finding[]>>();

  constructor(private readonly lint: Lint) {}

  of(source: SchemaSource): Promise<readonly Finding[]> {
    const key = schemaDigest(
      source.text,
      (source.references ?? []).flatMap(({ name, text }) => [name, schemaDigest(text)]),
    );
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const report = this.lint(source);
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(key, report);
    return report;
  }
}
