// When the shop's day began, where the shop is.

export interface Span {
  readonly from: Date;
  readonly until: Date;
}

/** Today so far, and the same hours of the same day last week. A day of 23 or 25 hours begins where its clocks say. */
export function todayAndLastWeek(
  now: Date,
  timeZone: string,
): { readonly today: Span; readonly lastWeek: Span } {
  const today = beginningOf(now, timeZone, 0);
  const lastWeek = beginningOf(now, timeZone, -7);
  // A second later at least, so that the first figures of a day are not those of no time at all.
  const goneMs = Math.max(1_000, now.getTime() - today.getTime());
  return {
    today: { from: today, until: new Date(today.getTime() + goneMs) },
    lastWeek: { from: lastWeek, until: new Date(lastWeek.getTime() + goneMs) },
  };
}

function beginningOf(now: Date, timeZone: string, days: number): Date {
  const midnight = Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .add({ days })
    .toZonedDateTime(timeZone);
  return new Date(midnight.epochMilliseconds);
}
