/** One thing that can go wrong. `retry` says whether the same request may succeed later without being changed. */
export interface Fault {
  readonly title: string;
  /** The HTTP status of an answer that carries this fault. */
  readonly status: number;
  readonly retry: boolean;
  /** What the reader should do next, in one sentence. */
  readonly next: string;
}

/** Keeps the codes of an area as literal types, so that a misspelt code does not compile. */
export function faults<const T extends Record<string, Fault>>(table: T): T {
  return table;
}
