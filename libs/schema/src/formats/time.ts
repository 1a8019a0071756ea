const DURATION = /^P(?:\d+W|(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)?(?:T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?)$/;
const AFTER_SECONDS = /^(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const MINUS = 0x2d;
const COLON = 0x3a;

/** The number that two digits at `at` make; NaN where they are none. Dates are frequent, so nothing is cut out of the text. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 0x30;
  const ones = text.charCodeAt(at + 1) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** `full-date` of RFC 3339: a day that the calendar has. */
export function isDate(text: string): boolean {
  return text.length === 10 && beginsWithDate(text);
}

function beginsWithDate(text: string): boolean {
  if (text.charCodeAt(4) !== MINUS || text.charCodeAt(7) !== MINUS) return false;
  const year = two(text, 0) * 100 + two(text, 2);
  const month = two(text, 5);
  const day = two(text, 8);
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return year >= 0 && day >= 1 && day <= (month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0));
}

/** `full-time` of RFC 3339, with its offset. A leap second stands only where it can fall: before midnight UTC. */
export function isTime(text: string): boolean {
  if (text.charCodeAt(2) !== COLON || text.charCodeAt(5) !== COLON) return false;
  const [hour, minute, second] = [two(text, 0), two(text, 3), two(text, 6)];
  if (!(hour <= 23 && minute <= 59 && second <= 60) || !AFTER_SECONDS.test(text.slice(8))) return false;
  const isUtc = /[Zz]$/.test(text);
  const offset = isUtc ? 0 : two(text, text.length - 5) * 60 + two(text, text.length - 2);
  if (!isUtc && (two(text, text.length - 5) > 23 || two(text, text.length - 2) > 59)) return false;
  if (second < 60) return true;
  const isBehind = text.charCodeAt(text.length - 6) === MINUS;
  return (hour * 60 + minute + (isBehind ? offset : -offset) + 2880) % 1440 === 1439;
}

/** `date-time` of RFC 3339, joined by T. */
export function isDateTime(text: string): boolean {
  return (text[10] === 'T' || text[10] === 't') && beginsWithDate(text) && isTime(text.slice(11));
}

/** `duration` of RFC 3339, appendix A. */
export function isDuration(text: string): boolean {
  return text.length > 2 && DURATION.test(text);
}
