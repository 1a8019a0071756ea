/** A 64-bit number as kafkajs hands it about: plain, as decimal text, or in its Long. */
export type Int64Source = number | string | bigint | { readonly value: bigint };

const NO_NUMBER = new Set(['NaN', 'Infinity', '+Infinity', '-Infinity']);

/** The number that kafkajs's Long would hold, cut to 64 bits. A fraction throws a RangeError, other text a SyntaxError. */
export const toInt64 = (source: Int64Source): bigint => {
  if (typeof source === 'object') return BigInt.asIntN(64, source.value);
  if (typeof source === 'number' && Number.isNaN(source)) return 0n;
  if (typeof source === 'string' && NO_NUMBER.has(source)) return 0n;
  return BigInt.asIntN(64, BigInt(source));
};
