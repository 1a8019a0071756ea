import type { Jti, Position } from '#record';

/** One valid record that asks whether its id was handled before. `mac` stands for its content (op and canonical record). */
export interface SeenEntry {
  readonly jti: Jti;
  readonly mac: string;
  readonly position: Position;
}

/**
 * `new`: nobody used the id · `repeat`: this very input position made the mark, so it is our own work done again after a
 * crash and must be processed · `duplicate`: another position sent the same content · `conflict`: another position sent
 * other content.
 */
export type SeenVerdict = 'new' | 'repeat' | 'duplicate' | 'conflict';

/** Remembers which ids were handled: a fast front that may forget, never the truth (DESIGN section 4). */
export interface Marks {
  /**
   * Marks each id that has no mark and says what it found, in the order of `entries`; an entry sees the marks of those
   * before it. Throws FaultError SEEN_UNAVAILABLE whenever one of them is undecided; asking again is harmless.
   */
  mark(entries: readonly SeenEntry[]): Promise<SeenVerdict[]>;
  /**
   * Forgets each id whose mark was made by the given position, so that a rejected id may be used again; the marks of other
   * positions stay. Takes effect before a `mark` that is called after it. Throws FaultError SEEN_UNAVAILABLE.
   */
  release(entries: readonly Pick<SeenEntry, 'jti' | 'position'>[]): Promise<void>;
  /** Whether the store answers now. */
  ready(): Promise<boolean>;
}

/** The part of a mark's value that names the input position. */
export function positionSuffix({ topic, partition, offset }: Position): string {
  return `|${topic}|${partition}|${offset}`;
}

/** The value of a mark: `<content mac>|<topic>|<partition>|<offset>`. */
export function markValue({ mac, position }: SeenEntry): string {
  return mac + positionSuffix(position);
}

const VALUE = /^([A-Za-z0-9_-]+)\|[A-Za-z0-9._-]+\|[0-9]+\|[0-9]+$/;

/** What the mark `found` (null: none) says of `entry`; undefined where it is not a mark that this code wrote. */
export function verdictOf(found: string | null, entry: SeenEntry): SeenVerdict | undefined {
  if (found === null) return 'new';
  const mac = VALUE.exec(found)?.[1];
  if (mac === undefined) return undefined;
  if (found.endsWith(positionSuffix(entry.position))) return 'repeat';
  return mac === entry.mac ? 'duplicate' : 'conflict';
}
