/** An exact decimal number: `digits × 10^exponent`, without trailing zeros, so that equal numbers look equal. */
export class Decimal {
  private constructor(
    readonly digits: bigint,
    readonly exponent: number,
  ) {}

  static readonly ZERO = new Decimal(0n, 0);
  static readonly ONE = new Decimal(1n, 0);

  static of(digits: bigint, exponent: number): Decimal {
    if (digits === 0n) return Decimal.ZERO;
    let [d, e] = [digits, exponent];
    while (d % 10n === 0n) {
      d /= 10n;
      e++;
    }
    return new Decimal(d, e);
  }

  /** Reads a JSON number. Throws {@link NumberTooLarge} where its exponent is beyond all use. */
  static parse(literal: string): Decimal {
    const [mantissa = '0', power = '0'] = literal.toLowerCase().split('e');
    const [whole = '0', fraction = ''] = mantissa.split('.');
    const exponent = Number(power) - fraction.length;
    const digits = BigInt(whole + fraction);
    if (digits !== 0n && Math.abs(exponent) > MAX_EXPONENT) throw new NumberTooLarge();
    return Decimal.of(whole.startsWith('-') && digits > 0n ? -digits : digits, exponent);
  }

  /** The decimal that a double is written as. A schema's 1e400 is read as infinity; nothing is ever beyond that. */
  static from(value: number): Decimal {
    if (!Number.isFinite(value)) return new Decimal(value > 0 ? 1n : -1n, MAX_EXPONENT);
    return Decimal.parse(String(value));
  }

  /** Below zero where this is less than `other`, zero where they are equal. */
  compare(other: Decimal): number {
    if (this.digits === other.digits && this.exponent === other.exponent) return 0;
    const [a, b] = [sign(this.digits), sign(other.digits)];
    if (a !== b) return a - b;
    // Numbers of different magnitude need not be written out, however far apart their exponents are.
    const magnitude = this.magnitude() - other.magnitude();
    if (magnitude !== 0) return magnitude > 0 ? a : -a;
    const shared = Math.min(this.exponent, other.exponent);
    return this.at(shared) > other.at(shared) ? 1 : -1;
  }

  plus(other: Decimal): Decimal {
    const shared = Math.min(this.exponent, other.exponent);
    return Decimal.of(this.at(shared) + other.at(shared), shared);
  }

  times(factor: bigint): Decimal {
    return Decimal.of(this.digits * factor, this.exponent);
  }

  negated(): Decimal {
    return Decimal.of(-this.digits, this.exponent);
  }

  isMultipleOf(factor: Decimal): boolean {
    if (this.digits === 0n) return true;
    const shared = Math.min(this.exponent, factor.exponent);
    return this.at(shared) % factor.at(shared) === 0n;
  }

  /** The largest whole number k with k × `step` ≤ this; `step` is above zero. */
  floorBy(step: Decimal): bigint {
    const shared = Math.min(this.exponent, step.exponent);
    const [value, unit] = [this.at(shared), step.at(shared)];
    const quotient = value / unit;
    return value < 0n && quotient * unit !== value ? quotient - 1n : quotient;
  }

  /** The digits at an exponent that is not above this one's. Throws {@link NumberTooLarge} rather than filling memory with zeros. */
  at(exponent: number): bigint {
    if (this.digits === 0n) return 0n;
    if (this.exponent - exponent > MAX_SHIFT) throw new NumberTooLarge();
    return this.digits * 10n ** BigInt(this.exponent - exponent);
  }

  /** A JSON number. */
  toString(): string {
    if (this.exponent >= 0 && this.exponent <= 20) return String(this.digits * 10n ** BigInt(this.exponent));
    const negative = this.digits < 0n ? '-' : '';
    const digits = String(this.digits).replace('-', '');
    const point = digits.length + this.exponent;
    if (this.exponent > 0 || point < -6) return `${negative}${digits}e${this.exponent}`;
    if (point > 0) return `${negative}${digits.slice(0, point)}.${digits.slice(point)}`;
    return `${negative}0.${'0'.repeat(-point)}${digits}`;
  }

  /** Whether a double holds exactly this decimal, in the sense that it is written like this. */
  isDouble(): boolean {
    const value = Number(this.toString());
    return Number.isFinite(value) && Decimal.from(value).compare(this) === 0;
  }

  private magnitude(): number {
    return String(this.digits < 0n ? -this.digits : this.digits).length + this.exponent;
  }
}

const MAX_EXPONENT = 1_000_000;
const MAX_SHIFT = 2_000;

/** Thrown where a number could only be reckoned with at a cost that no schema is worth. */
export class NumberTooLarge extends Error {
  constructor() {
    super('a number is too large, or too finely divided, to be reckoned with');
  }
}

const sign = (digits: bigint): number => (digits > 0n ? 1 : digits < 0n ? -1 : 0);

/** The least common multiple of two decimals above zero. */
export function commonMultiple(a: Decimal, b: Decimal): Decimal {
  const shared = Math.min(a.exponent, b.exponent);
  const [x, y] = [a.at(shared), b.at(shared)];
  return Decimal.of((x / gcd(x, y)) * y, shared);
}

/** The greatest common divisor of two whole numbers above zero. */
export function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
