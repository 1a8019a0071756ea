import type { WireRecord } from './port.js';

/** What the record format adds to key, value and headers at most: lengths, deltas, attributes. */
const RECORD_OVERHEAD = 40;
const HEADER_OVERHEAD = 8;

/** An upper bound of what a record takes in a produce request, in bytes. */
export function wireSize(record: WireRecord): number {
  let size = RECORD_OVERHEAD + sizeOf(record.key) + sizeOf(record.value);
  for (const name in record.headers) {
    const value = record.headers[name];
    const overhead = HEADER_OVERHEAD + name.length * 3;
    if (Array.isArray(value)) for (const one of value as readonly Buffer[]) size += overhead + sizeOf(one);
    else size += overhead + sizeOf((value ?? null) as Buffer | string | null);
  }
  return size;
}

/** A string may take three bytes a unit in UTF-8; counting them exactly would cost more than the bound is worth. */
function sizeOf(bytes: Buffer | string | null): number {
  if (bytes === null) return 0;
  return typeof bytes === 'string' ? bytes.length * 3 : bytes.length;
}
