import type { Boundary } from './boundaries.js';

/** One line or row of a stream. `bytes` is undefined where it is longer than the limit; its bytes were let go. */
export interface Piece {
  /** The physical line, counted from 1, on which it begins. */
  readonly line: number;
  readonly bytes: Buffer | undefined;
}

/**
 * Cuts a stream of bytes into lines or rows without copying those that lie in one chunk. Pieces longer than `limit` bytes are
 * reported and skipped, so that one of them costs no memory and the stream goes on. The line end (LF or CR LF) is not part of
 * a piece, and empty lines are no pieces.
 */
export class PieceSplitter {
  /** The beginning of a piece whose end has not arrived. Grown by doubling, so that tiny chunks do not cost quadratic time. */
  private held = Buffer.alloc(0);
  private heldLength = 0;
  private overlong = false;
  private line = 1;

  constructor(
    private readonly boundary: Boundary,
    private readonly limit: number,
  ) {}

  /** The pieces that end in this chunk. */
  push(chunk: Buffer): Piece[] {
    const pieces: Piece[] = [];
    let from = 0;
    while (from < chunk.length) {
      const end = this.boundary.next(chunk, from);
      if (end === -1) {
        this.hold(chunk.subarray(from));
        break;
      }
      this.take(chunk.subarray(from, end), pieces);
      from = end + 1;
    }
    return pieces;
  }

  /** The last piece, where the stream does not end with a line end. */
  end(): Piece[] {
    const pieces: Piece[] = [];
    this.take(Buffer.alloc(0), pieces);
    return pieces;
  }

  private take(rest: Buffer, pieces: Piece[]): void {
    const line = this.line;
    this.line += this.boundary.linesPassed();
    if (this.overlong || this.heldLength + rest.length > this.limit) {
      pieces.push({ line, bytes: undefined });
    } else {
      const bytes = withoutReturn(this.heldLength === 0 ? rest : this.joined(rest));
      if (bytes.length > 0) pieces.push({ line, bytes });
    }
    this.heldLength = 0;
    this.overlong = false;
  }

  private joined(rest: Buffer): Buffer {
    this.hold(rest);
    const whole = this.held.subarray(0, this.heldLength);
    this.held = Buffer.alloc(0); // handed over: the next piece must not overwrite it
    return whole;
  }

  private hold(part: Buffer): void {
    if (this.overlong) return;
    const length = this.heldLength + part.length;
    if (length > this.limit) {
      this.overlong = true;
      this.held = Buffer.alloc(0);
      this.heldLength = 0;
      this.boundary.overlong();
      return;
    }
    if (length > this.held.length) {
      const grown = Buffer.allocUnsafe(Math.min(Math.max(length, this.held.length * 2, 1024), this.limit));
      this.held.copy(grown, 0, 0, this.heldLength);
      this.held = grown;
    }
    part.copy(this.held, this.heldLength);
    this.heldLength = length;
  }
}

const CARRIAGE_RETURN = 0x0d;
function withoutReturn(bytes: Buffer): Buffer {
  return bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes;
}
