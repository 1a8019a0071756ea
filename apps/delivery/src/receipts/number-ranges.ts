/** A set of whole numbers, kept as ranges: numbers that come in order take no room. */
export class NumberRanges {
  private constructor(private readonly ranges: [from: number, to: number][]) {}

  static of(ranges: readonly (readonly [number, number])[] = []): NumberRanges {
    return new NumberRanges(ranges.map(([from, to]) => [from, to]));
  }

  has(number: number): boolean {
    const range = this.ranges[this.before(number)];
    return range !== undefined && number <= range[1];
  }

  add(number: number): void {
    if (this.has(number)) return;
    const at = this.before(number);
    const [left, right] = [this.ranges[at], this.ranges[at + 1]];
    const joinsRight = right?.[0] === number + 1;
    if (left?.[1] === number - 1) {
      left[1] = joinsRight ? right[1] : number;
      if (joinsRight) this.ranges.splice(at + 1, 1);
    } else if (joinsRight) right[0] = number;
    else this.ranges.splice(at + 1, 0, [number, number]);
  }

  get size(): number {
    return this.ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
  }

  toJSON(): readonly (readonly [number, number])[] {
    return this.ranges;
  }

  /** The last range that begins at or before the number; -1 where there is none. */
  private before(number: number): number {
    let [low, high] = [0, this.ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.ranges[middle]?.[0] ?? 0) <= number) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}
