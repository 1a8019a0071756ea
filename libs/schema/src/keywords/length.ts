/** Whether `text` has more than `limit` characters (code points). Counts only where the number of code units leaves it open. */
export function isLonger(text: string, limit: number): boolean {
  return text.length > limit && (text.length > 2 * limit || countPoints(text) > limit);
}

/** Whether `text` has fewer than `limit` characters (code points). */
export function isShorter(text: string, limit: number): boolean {
  return text.length < limit || (text.length < 2 * limit && countPoints(text) < limit);
}

function countPoints(text: string): number {
  let points = text.length;
  for (let at = 1; at < text.length; at++) {
    const isPair = (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
    if (isPair) points--;
  }
  return points;
}
