// What every answer to the port of exchange rates promises.
import assert from "node:assert/strict";
import { it } from "node:test";
import { parseRate } from "#platform/kit/exchange.ts";
import type { RateProvider } from "./provider.ts";

/** Runs the suite over one implementation; `open` makes it as a shop would. */
export function rateProviderContract(name: string, open: () => Promise<RateProvider> | RateProvider): void {
  it(`${name}: it is known by the name it is chosen by`, async () => {
    assert.equal((await open()).name, name);
  });

  it(`${name}: rates are positive decimal strings of ISO 4217 codes, in an order that stays`, async () => {
    const provider = await open();
    const [first, second] = [await provider.fetchRates(), await provider.fetchRates()];
    assert.ok(first.units.size > 0);
    for (const [code, rate] of first.units) {
      assert.match(code, /^[A-Z]{3}$/);
      assert.ok(parseRate(rate) > 0n);
    }
    assert.deepEqual([...first.units.keys()], [...second.units.keys()]);
  });

  it(`${name}: rates that have a day say it as yyyy-mm-dd; those of a provider that is live have one`, async () => {
    const provider = await open();
    const { publishedOn } = await provider.fetchRates();
    if (publishedOn !== undefined) assert.match(publishedOn, /^\d{4}-\d\d-\d\d$/);
    else assert.equal(provider.isLive, false);
  });
}
