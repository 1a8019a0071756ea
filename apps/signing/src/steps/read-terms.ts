import type { LawClaim, SchemaClaim, Terms } from '#envelope';

/** Where `seq` comes from; fixed for each record type. */
export type SequenceSource = 'agency' | 'offset';

/** What `khidi_schema` says of all records of one schema version. */
export interface SchemaTerms {
  readonly terms: Terms;
  readonly sequence: SequenceSource;
}

const MOST_KNOWN = 1000;
const known = new Map<string, SchemaTerms>();
/** Those of the record before: comparing bytes is cheaper than making a text to look them up by. */
let latest: { readonly bytes: Buffer; readonly read: SchemaTerms } | undefined;

/**
 * Reads a `khidi_schema` header. Its bytes are the same for all records of a schema version, so they are read once; and the same
 * object comes back each time, which lets the sealing write those claims once too. Undefined where it is not what validation writes.
 */
export function readTerms(bytes: Buffer | undefined): SchemaTerms | undefined {
  if (bytes === undefined) return undefined;
  if (latest?.bytes.equals(bytes) === true) return latest.read;
  const read = knownTerms(bytes);
  if (read !== undefined) latest = { bytes: Buffer.from(bytes), read };
  return read;
}

function knownTerms(bytes: Buffer): SchemaTerms | undefined {
  const key = bytes.toString('latin1');
  const before = known.get(key);
  if (before !== undefined) return before;
  const read = parseTerms(bytes);
  if (read === undefined) return undefined;
  if (known.size >= MOST_KNOWN) known.clear(); // far more versions than are in use at a time: start again
  known.set(key, read);
  return read;
}

/** Whether the claims themselves have their form is for the sealing to say, which checks them all. */
function parseTerms(bytes: Buffer): SchemaTerms | undefined {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined; // not JSON
  }
  const { law, schema, sequence } = object(value);
  if (sequence !== 'agency' && sequence !== 'offset') return undefined;
  const { basis, classification, retention } = object(law);
  const { subject, version, digest } = object(schema);
  return {
    terms: {
      law: { basis, classification, retention } as LawClaim,
      schema: { subject, version, digest } as SchemaClaim,
    },
    sequence,
  };
}

const object = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
