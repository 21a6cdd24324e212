import assert from "node:assert/strict";
import { test } from "node:test";
import { testDatabase } from "#platform/testing/databases.ts";
import { TestClock } from "#platform/testing/test-clock.ts";
import { bundled } from "../bundled-provider.ts";
import type { CurrencyContext } from "../context.ts";
import { createSnapshot, isStale } from "../rate.ts";
import type { RateProvider } from "../provider.ts";
import { currency } from "../service.ts";
import { fetchRates } from "./fetch-rates.ts";
import { loadRates } from "./load-rates.ts";

const db = await testDatabase(currency);
const hourMs = 3_600_000;
const baseCurrency = "USD";
const standIn = createSnapshot("snapshot", bundled, { asOf: new Date("2019-03-01"), baseCurrency });

/** A provider at the contract: tells `usd`, or fails while it is undefined. */
function openContext() {
  const clock = new TestClock();
  const bank: { usd: string | undefined; calls: number } = { usd: "1.10", calls: 0 };
  const provider: RateProvider = {
    name: "ecb",
    isLive: true,
    fetchRates: () => {
      bank.calls += 1;
      if (bank.usd === undefined) return Promise.reject(new Error("The bank is closed."));
      const units = new Map([
        ["EUR", "1"],
        ["USD", bank.usd],
        ["AUD", "1.6"],
      ]);
      return Promise.resolve({ publishedOn: "2030-01-01", units });
    },
  };
  const ctx: CurrencyContext = { db, clock, baseCurrency, provider, rates: standIn };
  return { ctx, bank, clock };
}

test("fetched rates are kept, are in force at once, and reach processes that did not fetch", async () => {
  await db.run("truncate rate_snapshots");
  const { ctx, bank } = openContext();
  await fetchRates(ctx);
  assert.deepEqual(
    [...ctx.rates.units],
    [
      ["EUR", "1"],
      ["USD", "1.10"],
      ["AUD", "1.6"],
    ],
  );
  const other = openContext().ctx;
  await loadRates(other);
  assert.equal(other.rates.id, ctx.rates.id);
  assert.equal(bank.calls, 1);
});

test("the provider is asked again only after four hours, and equal rates stay one snapshot", async () => {
  await db.run("truncate rate_snapshots");
  const { ctx, bank, clock } = openContext();
  await fetchRates(ctx);
  clock.advance(3 * hourMs);
  await fetchRates(ctx);
  assert.equal(bank.calls, 1);
  clock.advance(hourMs);
  await fetchRates(ctx);
  assert.equal(bank.calls, 2);
  assert.deepEqual(ctx.rates.asOf, clock.now());
  const kept = await db.row<{ count: bigint }>("select count(*) as count from rate_snapshots");
  assert.equal(kept?.count, 1n);
});

test("while the provider fails the last good rates stay in force and turn stale after 24 hours", async () => {
  await db.run("truncate rate_snapshots");
  const { ctx, bank, clock } = openContext();
  await fetchRates(ctx);
  const good = ctx.rates.id;
  bank.usd = undefined;
  clock.advance(25 * hourMs);
  await assert.rejects(fetchRates(ctx), /bank is closed/);
  await loadRates(ctx);
  assert.equal(ctx.rates.id, good);
  assert.equal(isStale(ctx.rates, true, clock.now()), true);
  bank.usd = "1.20";
  await fetchRates(ctx);
  assert.notEqual(ctx.rates.id, good);
  assert.equal(isStale(ctx.rates, true, clock.now()), false);
});

test("rates that cannot be right are neither kept nor put in force", async () => {
  await db.run("truncate rate_snapshots");
  const { ctx, bank } = openContext();
  bank.usd = "0";
  await assert.rejects(fetchRates(ctx), /positive decimal number/);
  await loadRates(ctx);
  assert.equal(ctx.rates.id, standIn.id);
});

test("until the provider was ever heard the bundled rates stand in, and count as stale", async () => {
  await db.run("truncate rate_snapshots");
  const { ctx, bank, clock } = openContext();
  bank.usd = undefined;
  await assert.rejects(fetchRates(ctx), /bank is closed/);
  await loadRates(ctx);
  assert.equal(ctx.rates.id, standIn.id);
  assert.equal(isStale(ctx.rates, true, clock.now()), true);
});
