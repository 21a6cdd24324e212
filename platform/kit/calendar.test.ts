import assert from "node:assert/strict";
import { test } from "node:test";
import { isDay, isInstant } from "./calendar.ts";

test("days are those of the calendar", () => {
  for (const day of [
    "2026-02-28",
    "2024-02-29",
    "2000-02-29",
    "0000-02-29",
    "0001-01-01",
    "9999-12-31",
    "2026-12-31",
  ])
    assert.equal(isDay(day), true, day);
  const none = [
    ...[
      "2026-02-29",
      "2026-02-30",
      "1900-02-29",
      "2026-04-31",
      "2026-00-10",
      "2026-13-01",
      "2026-01-00",
      "2026-01-32",
    ],
    ...["2026-1-1", "26-01-01", "2026-01-01 ", "2026-01-01T00:00:00Z", "", "２０２６-01-01", "2026/01/01"],
  ];
  for (const day of none) assert.equal(isDay(day), false, day);
});

test("an instant is a time with an offset on such a day", () => {
  for (const time of [
    "2026-02-28T23:59:59Z",
    "2026-02-28T00:00:00.123456789+14:00",
    "2026-02-28T00:00:00-00:00",
  ])
    assert.equal(isInstant(time), true, time);
  const none = [
    ...[
      "2026-02-30T00:00:00Z",
      "2026-02-28T24:00:00Z",
      "2026-02-28T23:60:00Z",
      "2026-02-28T23:59:60Z",
      "2026-02-28",
    ],
    ...[
      "2026-02-28T00:00:00",
      "2026-02-28T00:00:00+24:00",
      "2026-02-28T00:00:00+01:60",
      "2026-02-28t00:00:00z",
    ],
    ...["2026-02-28T00:00:00.Z", "2026-04-31T00:00:00.000Z"],
  ];
  for (const time of none) assert.equal(isInstant(time), false, time);
});
