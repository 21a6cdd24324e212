import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { AppError } from "./errors.ts";
import { parseFaultRules } from "./fault-rules.ts";
import { allowFaults, askedFault, Faults, faultsInForce } from "./faults.ts";
import type { FlagValue } from "./flag-switch.ts";
import { faultsActive } from "#platform/telemetry/metrics.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { TestClock } from "#platform/testing/test-clock.ts";

const clock = new TestClock();
const soon = new Date(clock.now().getTime() + 60_000).toISOString();
const late = new Date(clock.now().getTime() + 25 * 3_600_000).toISOString();
const good = { where: "rpc:*", share: 0.5, delayMs: 100, until: soon };

const wrong: [string, FlagValue, RegExp][] = [
  ["no list", { where: "rpc:*" }, /list of fault rules/],
  ["no object", ["rpc:*"], /value\[0\]: must be an object/],
  ["an unknown field", [{ ...good, often: 1 }], /value\[0\]\.often: is not a known field/],
  ["a place that is none", [{ ...good, where: "catalog" }], /where: must be rpc:/],
  ["a share beyond all", [{ ...good, share: 2 }], /share: must be a number from 0 to 1/],
  ["another header", [{ ...good, header: "X-Other: a" }], /header: must read/],
  ["the name that spares", [{ ...good, header: "X-Stoa-Fault: none" }], /header: must read/],
  ["a delay without end", [{ ...good, delayMs: 1e9 }], /delayMs: must be a number of milliseconds/],
  ["an unknown failure", [{ ...good, fail: "OOPS" }], /fail: must be one of UNAVAILABLE/],
  ["two answers", [{ ...good, fail: "INTERNAL", refuse: "NOT_FOUND" }], /cannot stand beside refuse/],
  ["nothing to do", [{ where: "rpc:*", share: 1, until: soon }], /does nothing/],
  ["no end", [{ where: "rpc:*", share: 1, delayMs: 1 }], /must say when the fault ends/],
  ["an end in the past", [{ ...good, until: "2001-01-01T00:00:00Z" }], /lie ahead/],
  ["an end too far away", [{ ...good, until: late }], /at most 24 hours/],
];

describe("a rule of fault injection", () => {
  for (const [what, value, message] of wrong)
    it(`with ${what} is refused in a sentence`, () => {
      assert.throws(() => parseFaultRules(value, clock.now()), message);
    });
});

describe("faults in force", () => {
  const reasons = { NOT_FOUND: { kind: "not_found", meaning: "There is no such thing." } } as const;
  const faults = new Faults({ services: ["ad"], reasons, clock, log: silentLog });
  const put = (...value: object[]) => {
    faults.hear([{ name: "faults", value, share: 1, reason: "a test", by: "", at: clock.now() }]);
  };
  after(() => faults.close());
  const [ad, cart] = ["stoa.ad.v1.AdService", "stoa.cart.v1.CartService"];

  it("meet the RPCs and routes that are named and no other, and never what ends them unless it is named", () => {
    put({ ...good, share: 1, where: `rpc:${ad}/GetAds` }, { ...good, share: 1, where: "route:/cart" });
    assert.equal(faults.atRpc(ad, "GetAds", undefined)?.told, `rpc:${ad}/GetAds`);
    assert.equal(faults.atRpc(ad, "RecordClick", undefined), undefined);
    assert.equal(faults.atRoute("/cart", undefined)?.delayMs, 100);
    assert.equal(faults.atRoute("/", undefined), undefined);
    put({ ...good, share: 1 });
    assert.ok(faults.atRpc(cart, "GetCart", undefined));
    assert.equal(faults.atRpc("stoa.platform.v1.FlagsService", "ListSwitches", undefined), undefined);
    assert.equal(faults.atRpc(cart, "GetCart", "none"), undefined, "what is done for the staff goes free");
  });

  it("meet only whoever asks, where a name is wanted, and as many as the share says", () => {
    put({ ...good, share: 1, header: "X-Stoa-Fault: slow" });
    assert.equal(faults.atRpc(cart, "GetCart", undefined), undefined);
    assert.equal(faults.atRpc(cart, "GetCart", "other"), undefined);
    assert.ok(faults.atRpc(cart, "GetCart", "slow"));
    put({ ...good, share: 0.3 });
    const met = Array.from({ length: 2_000 }, () => faults.atRpc(cart, "GetCart", undefined)).filter(Boolean);
    assert.ok(met.length > 480 && met.length < 720, String(met.length));
  });

  it("answer with the refusal of the catalogue", () => {
    put({ where: "rpc:*", share: 1, refuse: "NOT_FOUND", until: soon });
    const refusal = faults.atRpc(cart, "GetCart", undefined)?.answer?.();
    assert.ok(refusal instanceof AppError);
    assert.deepEqual([refusal.kind, refusal.reason], ["not_found", "NOT_FOUND"]);
  });

  it("end by themselves, also while nobody is heard, and are counted while they last", async () => {
    const count = async () =>
      (await faultsActive.get()).values.find(({ labels }) => labels.service === "ad")?.value;
    put(good, good);
    assert.equal(await count(), 2);
    assert.ok(faultsInForce());
    clock.advance(61_000);
    assert.equal(faults.atRpc(cart, "GetCart", undefined), undefined);
    assert.equal(await count(), 0);
    assert.equal(faultsInForce(), undefined);
  });

  it("are asked for by name only where they are allowed", () => {
    assert.equal(askedFault("slow"), undefined);
    allowFaults(true);
    assert.equal(askedFault("Slow"), "slow");
    assert.equal(askedFault("a b"), undefined);
    allowFaults(false);
  });
});
