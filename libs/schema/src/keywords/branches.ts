import type { Ajv, ValidateFunction } from 'ajv';
import type { Plain } from '../source/units.js';

/** What the whole schema is called while it is compiled. */
export const ROOT = 'khidi';

/**
 * The branches of a schema that may be asked by themselves whether they hold. Within one judgement each is asked once about a value: what
 * nests branches in branches would otherwise be judged twice at every level.
 */
export class Branches {
  /** To stand beside the definitions of the schema, so that references in them lead to the same places. */
  readonly defs: Readonly<Record<string, Plain>>;
  private readonly validators = new Map<Plain, ValidateFunction>();
  private answers = new Map<unknown, Map<Plain, boolean>>();

  constructor(private readonly branches: readonly Plain[]) {
    this.defs = Object.fromEntries(branches.map((branch, i) => [nameOf(i), branch]));
  }

  compile(ajv: Ajv): void {
    for (const [i, branch] of this.branches.entries()) this.validators.set(branch, compiled(ajv, `${ROOT}#/$defs/${nameOf(i)}`));
  }

  holds(branch: Plain | boolean, value: unknown): boolean {
    if (typeof branch === 'boolean') return branch;
    const known = this.answers.get(value)?.get(branch);
    if (known !== undefined) return known;
    const answer = this.validators.get(branch)?.(value) === true;
    if (typeof value === 'object' && value !== null) {
      const answers = this.answers.get(value) ?? new Map<Plain, boolean>();
      this.answers.set(value, answers.set(branch, answer));
    }
    return answer;
  }

  /** Forgets every value. To be called after each judgement, so that the cost of the next depends on nothing that came before. */
  forget(): void {
    if (this.answers.size > 0) this.answers = new Map();
  }
}

/** The validator of a schema that ajv knows. */
export function compiled(ajv: Ajv, address: string): ValidateFunction {
  const validate = ajv.getSchema(address);
  if (validate === undefined) throw new Error(`ajv does not know ${address}`);
  return validate;
}

const nameOf = (i: number): string => `branch${i}`;
