import type { ErrorObject } from 'ajv';
import type { JsonValue } from '#canonical';
import { type FaultReport, faultReport } from '#faults';
import type { XKhidi } from './annotations.js';
import { segmentsOf } from './annotations.js';
import { type Engine, engineOf } from './engine.js';
import { doubts } from './keywords/identifier.js';
import { isTooMuch, JUDGEMENT_UNITS, meter, REPORT_UNITS } from './meter.js';
import type { Pointers } from './pointers.js';
import { reportsOf, warningsOf } from './report.js';
import type { Draft } from './source/drafts.js';
import type { PlainSchema } from './source/plain.js';

const NONE: readonly FaultReport[] = [];
const ACCEPTED: Judgement = { faults: NONE, warnings: NONE };

/** What a schema says of one record. */
export interface Judgement {
  /** Why it is refused; empty where it is accepted. */
  readonly faults: readonly FaultReport[];
  /** What is doubtful in an accepted record: code and pointer, never a value. */
  readonly warnings: readonly FaultReport[];
}

/** What a schema is made of once it has been read. */
export interface SchemaParts {
  readonly plain: PlainSchema;
  readonly pointers: Pointers;
  readonly draft: Draft;
  readonly annotations: XKhidi;
}

/** A schema that judges records. It keeps nothing of them. */
export class CompiledSchema {
  private readonly quick: Engine;
  private thorough: Engine | undefined;
  private readonly identifier: readonly string[];

  constructor(private readonly parts: SchemaParts) {
    this.quick = engineOf(parts.plain, false);
    this.identifier = segmentsOf(parts.annotations.identifier);
  }

  get annotations(): XKhidi {
    return this.parts.annotations;
  }

  get draft(): Draft {
    return this.parts.draft;
  }

  /**
   * Judges one record: no reports where the schema accepts it, otherwise SCHEMA_VIOLATION for every violated rule, at most 50, with
   * pointers that name nothing but what the schema declares. A record that costs more work than one may gets
   * SCHEMA_BUDGET_EXCEEDED. The verdict depends on nothing but schema and record.
   */
  judge(record: JsonValue): readonly FaultReport[] {
    return this.verdict(record).faults;
  }

  /** The same judgement, and what its identifiers only warn of where the record is accepted. */
  verdict(record: JsonValue): Judgement {
    meter.left = JUDGEMENT_UNITS;
    doubts.length = 0;
    try {
      if (this.quick.accepts(record))
        return doubts.length === 0 ? ACCEPTED : { faults: NONE, warnings: warningsOf(doubts, record, this.parts.pointers) };
    } catch (error) {
      if (isTooMuch(error)) return { faults: [faultReport('SCHEMA_BUDGET_EXCEEDED')], warnings: NONE };
      throw error;
    }
    return { faults: this.explain(record, this.quick.errors), warnings: NONE };
  }

  /** The record's identifier, or undefined where no text stands there. */
  identifierOf(record: JsonValue): string | undefined {
    let value: unknown = record;
    for (const name of this.identifier) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
      value = (value as Record<string, unknown>)[name];
    }
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  /** Looks for every violated rule. Where that would cost too much, the first one must do. */
  private explain(record: JsonValue, first: readonly ErrorObject[]): FaultReport[] {
    const { pointers, draft, plain } = this.parts;
    let errors = first;
    try {
      this.thorough ??= engineOf(plain, true);
      meter.left = REPORT_UNITS;
      if (!this.thorough.accepts(record)) errors = this.thorough.errors;
    } catch (error) {
      if (!isTooMuch(error)) throw error;
    }
    return reportsOf(errors, record, pointers, draft);
  }
}
