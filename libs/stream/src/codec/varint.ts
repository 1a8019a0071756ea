/**
 * Kafka's variable-length integers: zigzag, then seven bits a byte, least significant first.
 * (Protocol guide, "Record", types varint and varlong.)
 */

/** Bytes that an unsigned 32-bit number takes. */
const sizeOfUnsigned = (value: number): number => {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
};

const zigzag = (value: number): number => ((value << 1) ^ (value >> 31)) >>> 0;

/** Bytes that a signed 32-bit number takes as a varint. */
export const sizeOfVarint = (value: number): number => sizeOfUnsigned(zigzag(value));

/** Writes a signed 32-bit number as a varint and returns the offset behind it. */
export const writeVarint = (target: Uint8Array, offset: number, value: number): number => {
  let rest = zigzag(value);
  let at = offset;
  while (rest >= 0x80) {
    target[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
};

const isSmall = (value: number): boolean => value >= -0x40000000 && value < 0x40000000 && Number.isInteger(value);

// Not a number counts as zero and a fraction throws, as in kafkajs's Long.
const zigzag64 = (value: number): bigint => {
  const big = Number.isNaN(value) ? 0n : BigInt(value);
  return BigInt.asUintN(64, (big << 1n) ^ (big >> 63n));
};

/** Bytes that a whole number takes as a varlong. A fraction throws a RangeError. */
export const sizeOfVarlong = (value: number): number => {
  if (isSmall(value)) return sizeOfVarint(value);
  let rest = zigzag64(value);
  let size = 1;
  while (rest >= 0x80n) {
    size += 1;
    rest >>= 7n;
  }
  return size;
};

/** Writes a whole number as a varlong and returns the offset behind it. */
export const writeVarlong = (target: Uint8Array, offset: number, value: number): number => {
  if (isSmall(value)) return writeVarint(target, offset, value);
  let rest = zigzag64(value);
  let at = offset;
  while (rest >= 0x80n) {
    target[at++] = Number(rest & 0x7fn) | 0x80;
    rest >>= 7n;
  }
  target[at++] = Number(rest);
  return at;
};
