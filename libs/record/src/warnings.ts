import { FAULTS, type FaultCode, type FaultReport, faultReport } from '#faults';

/** The longest `khidi_warnings` that is read, in bytes. */
const MOST_BYTES = 16 * 1024;
const POINTER = /^(\/[^/]{0,200}){0,32}$/;

/** The value of the header `khidi_warnings`: codes and pointers, nothing else. */
export function encodeWarnings(warnings: readonly FaultReport[]): string {
  return JSON.stringify(warnings.map(({ code, pointer }) => faultReport(code, pointer)));
}

/** Reads what {@link encodeWarnings} wrote; undefined where the bytes are something else. */
export function decodeWarnings(bytes: Buffer): readonly FaultReport[] | undefined {
  if (bytes.length > MOST_BYTES) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined; // not JSON
  }
  return Array.isArray(value) && value.length > 0 && value.every(isWarning) ? value : undefined;
}

function isWarning(value: unknown): value is FaultReport {
  if (typeof value !== 'object' || value === null) return false;
  const { code, pointer, ...unknown } = value as Record<string, unknown>;
  const isKnown = typeof code === 'string' && Object.hasOwn(FAULTS, code as FaultCode);
  return isKnown && typeof pointer === 'string' && POINTER.test(pointer) && Object.keys(unknown).length === 0;
}
