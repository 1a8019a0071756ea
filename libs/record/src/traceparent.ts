/** Where in a trace something happens (W3C Trace Context): ids in hex, and whether the sender asks for spans to be kept. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
}

const FORM = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * Reads a `traceparent` (W3C Trace Context, section 3.2), or gives undefined: then it is as if none had been sent. It cannot hold
 * anything of a record but hexadecimal digits, and is never signed.
 */
export function readTraceparent(text: string): TraceContext | undefined {
  const [, traceId, spanId, flags = ''] = FORM.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** Whether the text is a `traceparent`. */
export const isTraceparent = (text: string): boolean => FORM.test(text);

/** The `traceparent` of version 00. */
export function writeTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
