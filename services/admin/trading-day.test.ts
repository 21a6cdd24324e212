import assert from "node:assert/strict";
import { test } from "node:test";
import { todayAndLastWeek } from "./trading-day.ts";

const rows: [what: string, now: string, zone: string, today: string, lastWeek: string, until: string][] = [
  ["in UTC", "2030-06-12T09:30:00Z", "UTC", "2030-06-12T00:00", "2030-06-05T00:00", "2030-06-05T09:30"],
  [
    "where the day has begun already",
    "2030-06-12T23:30:00Z",
    "Europe/Berlin",
    "2030-06-12T22:00",
    "2030-06-05T22:00",
    "2030-06-05T23:30",
  ],
  [
    "where it is still yesterday",
    "2030-06-12T03:00:00Z",
    "America/Los_Angeles",
    "2030-06-11T07:00",
    "2030-06-04T07:00",
    "2030-06-05T03:00",
  ],
  [
    "after clocks were put forward",
    "2030-04-02T10:00:00Z",
    "Europe/Berlin",
    "2030-04-01T22:00",
    "2030-03-25T23:00",
    "2030-03-26T11:00",
  ],
];
for (const [what, now, zone, today, lastWeek, until] of rows)
  test(`today and the same day last week begin at midnight of the shop, ${what}`, () => {
    const spans = todayAndLastWeek(new Date(now), zone);
    assert.equal(spans.today.from.toISOString().slice(0, 16), today);
    assert.equal(spans.today.until.toISOString(), new Date(now).toISOString());
    assert.equal(spans.lastWeek.from.toISOString().slice(0, 16), lastWeek);
    assert.equal(spans.lastWeek.until.toISOString().slice(0, 16), until);
  });

test("the first moment of a day is no empty span", () => {
  const { today } = todayAndLastWeek(new Date("2030-06-12T00:00:00Z"), "UTC");
  assert.equal(today.until.getTime() - today.from.getTime(), 1_000);
});
