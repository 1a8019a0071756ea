/**
 * Whether a JSON number literal means the same decimal value as the shortest form of the double that it is read as, so that
 * nothing is lost when the record is read and written again: 1.0, 1e2, 0.1 and -0 keep their value (-0 is 0), while 2^53+1, 1e400,
 * 1e-400 and 0.1000000000000000055 do not. The literal must be in JSON's number grammar. Takes time linear in its length.
 */
export function keepsItsValue(literal: string): boolean {
  const value = Number(literal);
  const shortest = String(value);
  if (shortest === literal) return true; // as most programs write their doubles
  const sent = decimalOf(literal);
  if (sent.digits === '') return true; // zero, whatever its sign and exponent
  // No shortest form of a double has more than 17 digits, and none has an exponent that long.
  if (sent.digits.length > 17 || !Number.isSafeInteger(sent.exponent)) return false;
  if (!Number.isFinite(value)) return false;
  const kept = decimalOf(shortest);
  return kept.digits === sent.digits && kept.exponent === sent.exponent;
}

/** 0.`digits` × 10^`exponent`, with neither leading nor trailing zeros in the digits; the sign never changes and is left out. */
function decimalOf(literal: string): { digits: string; exponent: number } {
  const start = literal.startsWith('-') ? 1 : 0;
  const e = exponentAt(literal);
  const mantissa = literal.slice(start, e);
  const point = mantissa.indexOf('.');
  const all = point < 0 ? mantissa : mantissa.slice(0, point) + mantissa.slice(point + 1);
  let first = 0;
  while (all[first] === '0') first++;
  let last = all.length;
  while (last > first && all[last - 1] === '0') last--;
  const scale = (point < 0 ? all.length : point) - first;
  return { digits: all.slice(first, last), exponent: Number(literal.slice(e + 1)) + scale };
}

/** Where the exponent sign `e` stands, or the length of the literal. */
function exponentAt(literal: string): number {
  const e = literal.search(/[eE]/);
  return e < 0 ? literal.length : e;
}
