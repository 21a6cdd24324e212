const dayPattern = /^(\d{4})-(\d{2})-(\d{2})$/;
const instantPattern =
  /^(\d{4}-\d{2}-\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** True for `2026-02-28`: ISO 8601, and a day that is in the calendar. `Date` alone takes the 30th of February for the 2nd of March. */
export function isDay(text: string): boolean {
  const [, year, month, day] = (dayPattern.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  // Of the next month, the day before the first. Years below 100 would be taken for those of another century.
  const last = new Date(Date.UTC(year + 400, month, 0)).getUTCDate();
  return month >= 1 && month <= 12 && day >= 1 && day <= last;
}

/** True for a time of RFC 3339 with seconds and an offset, on a day that is in the calendar. Leap seconds are none. */
export function isInstant(text: string): boolean {
  return isDay(instantPattern.exec(text)?.[1] ?? "");
}
