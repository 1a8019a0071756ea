const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const DAY_MINUTES = 24 * 60;

/**
 * Whether a text is a date-time of RFC 3339 section 5.6 that exists: real days of real months, an offset that is an hour of the
 * day, and a second 60 only where UTC has leap seconds (23:59). At most nanoseconds.
 */
export function isRfc3339(text: string): boolean {
  const parts = DATE_TIME.exec(text);
  if (parts === null) return false;
  const [, year, month, day, hour, minute, second, sign, offsetHour = '0', offsetMinute = '0'] = parts;
  if (!isDay(Number(year), Number(month), Number(day))) return false;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(offsetHour) > 23 || Number(offsetMinute) > 59) return false;
  if (Number(second) < 60) return true;
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === '-' ? -1 : 1);
  const utc = (Number(hour) * 60 + Number(minute) - offset + DAY_MINUTES) % DAY_MINUTES;
  return Number(second) === 60 && utc === DAY_MINUTES - 1;
}

function isDay(year: number, month: number, day: number): boolean {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day >= 1 && day <= (DAYS[month - 1] ?? 0) + (leap ? 1 : 0);
}
