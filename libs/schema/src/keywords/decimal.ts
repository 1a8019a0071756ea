/** A number as `digits × 10^exponent`. */
function decimalOf(value: number): { digits: bigint; exponent: number } {
  const [mantissa = '0', power = '0'] = value.toExponential().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}

/**
 * Whether `value` is a whole multiple of `factor`, both read as the decimals that they are written as: 0.29 is a multiple of 0.01,
 * which division of doubles denies. `factor` is above zero.
 */
export function isMultiple(value: number, factor: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(factor)) return value % factor === 0;
  const a = decimalOf(value);
  const b = decimalOf(factor);
  const shared = Math.min(a.exponent, b.exponent);
  return (a.digits * 10n ** BigInt(a.exponent - shared)) % (b.digits * 10n ** BigInt(b.exponent - shared)) === 0n;
}
