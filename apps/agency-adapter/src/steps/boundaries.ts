/** Finds where a line or row ends in a stream of chunks. */
export interface Boundary {
  /** The index of the line feed that ends the current piece, or -1 where it does not end in this chunk. */
  next(chunk: Buffer, from: number): number;
  /** How many line ends the piece that just ended contains, its own included. */
  linesPassed(): number;
  /** The current piece is too long to be one: from now on the next line feed ends it. */
  overlong(): void;
}

const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Every line feed ends a piece: NDJSON. */
export function lineBoundary(): Boundary {
  return { next: (chunk, from) => chunk.indexOf(LINE_FEED, from), linesPassed: () => 1, overlong: () => undefined };
}

type State = 'field start' | 'plain' | 'quoted' | 'quote in quoted';

/**
 * A line feed outside quotes ends a piece: CSV by RFC 4180. A quote counts only at the start of a field, so that `5" disk` is
 * a field like any other. `delimiter` is one ASCII character.
 */
export function rowBoundary(delimiter: string): Boundary {
  const separator = delimiter.charCodeAt(0);
  let state: State = 'field start';
  let lines = 0;
  let anyLineFeed = false;

  const after = (byte: number): State => {
    switch (state) {
      case 'quoted':
        return byte === QUOTE ? 'quote in quoted' : 'quoted';
      case 'quote in quoted':
        if (byte === QUOTE) return 'quoted';
        if (byte === CARRIAGE_RETURN) return 'quote in quoted';
        return byte === separator ? 'field start' : 'plain';
      case 'field start':
        if (byte === QUOTE) return 'quoted';
        return byte === separator || BYTE_ORDER_MARK.includes(byte) ? 'field start' : 'plain';
      case 'plain':
        return byte === separator ? 'field start' : 'plain';
    }
  };

  return {
    next(chunk, from) {
      for (let at = from; at < chunk.length; at++) {
        const byte = chunk[at] as number;
        if (byte !== LINE_FEED) {
          state = after(byte);
          continue;
        }
        lines++;
        if (state === 'quoted' && !anyLineFeed) continue;
        state = 'field start';
        anyLineFeed = false;
        return at;
      }
      return -1;
    },
    linesPassed() {
      const passed = lines;
      lines = 0;
      return passed;
    },
    overlong() {
      anyLineFeed = true;
    },
  };
}
