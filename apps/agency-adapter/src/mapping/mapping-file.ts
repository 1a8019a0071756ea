import { z } from 'zod';
import { OPS, type Op, type RecordType, recordType, schemaUrn } from '#record';
import { compileExpression, type Expression } from './expression.js';

/** How the rows of one kind of CSV file become record events. */
export interface Mapping {
  readonly name: string;
  readonly recordType: RecordType;
  readonly op: Op;
  /** `<record type>.<op>`. */
  readonly type: string;
  readonly dataschema: string;
  readonly delimiter: string;
  /** Gives the event id of a row; absent, it is derived from the row's record. */
  readonly eventId: Expression | undefined;
  /** The fields of the record in the order of the file. */
  readonly fields: readonly (readonly [name: string, expression: Expression])[];
}

const shape = z.strictObject({
  recordType: z.string().refine((text) => recordType(text) !== undefined, 'is not a record type like address.locality'),
  schemaVersion: z.int().min(1),
  op: z.enum(OPS as readonly [Op, ...Op[]]),
  delimiter: z
    .string()
    .regex(/^[,;|\t]$/, 'is none of , ; | and tab')
    .default(','),
  eventId: z.string().min(1).optional(),
  record: z.record(z.string().min(1), z.string().min(1)).refine((fields) => Object.keys(fields).length > 0, 'has no field'),
});

/**
 * Reads a mapping file: `{recordType, schemaVersion, op, delimiter?, eventId?, record: {field: JSONata}}`. Gives every mistake with its
 * place instead where it has any.
 */
export function readMapping(name: string, json: unknown): { mapping: Mapping } | { mistakes: string[] } {
  const parsed = shape.safeParse(json);
  if (!parsed.success) {
    return { mistakes: parsed.error.issues.map(({ path, message }) => `${name}: /${path.join('/')} ${message}`) };
  }
  const { recordType: of, schemaVersion, op, delimiter, eventId, record } = parsed.data;
  const mistakes: string[] = [];
  const compiled = (at: string, source: string): Expression | undefined => {
    const result = compileExpression(source);
    if ('mistake' in result) mistakes.push(`${name}: ${at} ${result.mistake}`);
    return 'mistake' in result ? undefined : result.expression;
  };
  const fields = Object.entries(record).map(([field, source]) => [field, compiled(`/record/${field}`, source)] as const);
  const id = eventId === undefined ? undefined : compiled('/eventId', eventId);
  if (mistakes.length > 0) return { mistakes };
  const type = of as RecordType;
  return {
    mapping: {
      name,
      recordType: type,
      op,
      type: `${type}.${op}`,
      dataschema: schemaUrn(type, schemaVersion),
      delimiter,
      eventId: id,
      fields: fields.filter((field): field is readonly [string, Expression] => field[1] !== undefined),
    },
  };
}
