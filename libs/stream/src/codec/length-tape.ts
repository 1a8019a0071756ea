/**
 * Byte lengths that measuring found, read back in the same order while writing, so that no text is measured twice.
 * Measuring and writing one request is one synchronous step: a single tape serves all requests.
 */
export class LengthTape {
  private cells = new Int32Array(4096);
  private at = 0;

  /** Notes a length and hands it back. */
  put(length: number): number {
    // The place first: taking it may replace the cells.
    const place = this.hold();
    return this.fill(place, length);
  }

  /** Keeps a place for a length that is known only after those that follow it; `fill` writes it. */
  hold(): number {
    if (this.at === this.cells.length) {
      const wider = new Int32Array(this.cells.length * 2);
      wider.set(this.cells);
      this.cells = wider;
    }
    return this.at++;
  }

  /** Writes the length of a held place and hands it back. */
  fill(place: number, length: number): number {
    this.cells[place] = length;
    return length;
  }

  /** The next length, in the order in which they were noted since `rewind`. */
  take(): number {
    return this.cells[this.at++] as number;
  }

  /** Back to the first length: before measuring, and once more before writing. */
  rewind(): void {
    this.at = 0;
  }
}
