import { CliError, EXIT } from './exit.js';

/** What a sealed record is judged by again. */
export interface SealedRecord {
  /** The version of the schema that accepted it. */
  readonly version: number;
  readonly isWithdrawal: boolean;
  /** The record's JSON. */
  readonly record: Buffer;
}

/**
 * Takes a compact envelope apart without verifying it: for statistics, never for decisions about a record. Ends the command where the
 * bytes are no envelope, without quoting them.
 */
export function decodeEnvelope(envelope: Buffer): SealedRecord {
  const payload = Buffer.from(envelope.toString('latin1').split('.')[1] ?? '', 'base64url');
  let claims: { readonly op?: unknown; readonly record?: unknown; readonly schema?: { readonly version?: unknown } };
  try {
    claims = JSON.parse(payload.toString('utf8')) as typeof claims;
  } catch {
    throw new CliError(EXIT.no, 'Something on the sealed topic is no envelope.');
  }
  const { op, record, schema } = claims;
  if (typeof record !== 'object' || record === null)
    throw new CliError(EXIT.no, 'Something on the sealed topic is no envelope with a record.');
  return { version: Number(schema?.version ?? 0), isWithdrawal: op === 'withdrawn', record: Buffer.from(JSON.stringify(record)) };
}
