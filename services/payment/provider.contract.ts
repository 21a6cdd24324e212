// What every payment provider promises, one promise a test. An implementation runs it over itself, with somebody who plays buyers.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Secret } from "#platform/kit/config.ts";
import { isReason } from "#platform/kit/errors.ts";
import { newId, newRandomId } from "#platform/kit/ids.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import type {
  AuthorizeOrder,
  PaymentProvider,
  PaymentRef,
  Presentation,
  ProviderState,
  RawCallback,
} from "./provider.ts";

/** What buyers do at a provider that takes sessions. Each resolves when the provider has taken note. */
export interface Buyer {
  /** With a card that the bank takes at once. */
  pays(state: ProviderState): Promise<void>;
  /** With a card that the bank refuses; they could go on with another one. */
  isRefused(state: ProviderState): Promise<void>;
  /** With a card whose bank asks whether it is really them. */
  meetsChallenge(state: ProviderState): Promise<{ passes(): Promise<void>; fails(): Promise<void> }>;
  /** Tells their bank to take the money back. */
  disputes(state: ProviderState, amountMinor: bigint): Promise<void>;
}

export interface ProviderUnderTest {
  readonly provider: PaymentProvider;
  /** Where the provider takes sessions. */
  readonly buyer?: Buyer;
  /** How sessions meet the buyer, where a test does not say; the first that the provider knows by default. */
  readonly presentation?: Presentation;
  /** All callbacks that were sent until now. */
  readonly sent: () => readonly RawCallback[];
  /** The same callback with a signature that was made this long ago. */
  readonly signedAgo: (callback: RawCallback, seconds: number) => RawCallback;
}

type Open = () => Promise<ProviderUnderTest>;

const zero = { brand: "visa", last4: "4242", expiryMonth: 12, expiryYear: 2040 } as const;

function orderFor(
  { provider, presentation }: ProviderUnderTest,
  changes: Partial<AuthorizeOrder> = {},
): AuthorizeOrder {
  const order = { key: newRandomId(), orderId: newId(), amount: usd(5_000n), ...changes };
  const { method } = provider;
  if (method.takes === "card") return { card: { ...zero, number: new Secret("4242424242424242") }, ...order };
  const [first = "redirect"] = method.presentations;
  return { session: sessionOf(presentation ?? first), ...order };
}

function sessionOf(presentation: Presentation) {
  return { presentation, returnUrl: "https://shop.example/checkout/return", email: "ada@example.com" };
}

function usd(minor: bigint) {
  return { currencyCode: "USD", minor };
}

/** What is known of a payment when nothing of the provider was heard yet, and when something was. */
function refTo({ key, orderId, amount, session }: AuthorizeOrder, state?: ProviderState): PaymentRef {
  return { key, orderId, amount, session, data: state?.data };
}

/** A payment whose money is held. */
async function held(tested: ProviderUnderTest, changes: Partial<AuthorizeOrder> = {}) {
  const order = orderFor(tested, changes);
  const begun = await tested.provider.authorize(order);
  await tested.buyer?.pays(begun);
  const ref = refTo(order, begun);
  const state = await getState(tested, ref);
  assert.equal(state.isAuthorized, true);
  return { order, ref, state };
}

async function getState({ provider }: ProviderUnderTest, ref: PaymentRef): Promise<ProviderState> {
  const state = await provider.find(ref);
  assert.ok(state, "The provider does not know a payment that it was asked for.");
  return state;
}

function buyerOf({ buyer }: ProviderUnderTest): Buyer {
  assert.ok(buyer, "A provider that takes sessions is tried with a buyer.");
  return buyer;
}

function refundedOf({ refunds }: ProviderState): bigint {
  return refunds.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
}

/** Runs the suite over one implementation; `open` makes it as a shop would, and is called once. */
export function paymentProviderContract(name: string, takes: Takes, open: Open): void {
  let opened: Promise<ProviderUnderTest> | undefined;
  const promise: Promises = (sentence, check, onlyWhere = takes) => {
    if (onlyWhere !== takes) return;
    it(`${name}: ${sentence}`, async () => await check(await (opened ??= open())));
  };
  promiseHolds(promise);
  promiseCaptures(promise);
  promiseVoids(promise);
  promiseRefunds(promise);
  promiseNews(promise);
}

type Takes = PaymentProvider["method"]["takes"];
type Promises = (
  sentence: string,
  check: (tested: ProviderUnderTest) => Promise<void>,
  onlyWhere?: Takes,
) => void;

function promiseHolds(promise: Promises): void {
  for (const amount of [
    usd(5_000n),
    { currencyCode: "JPY", minor: 730n },
    { currencyCode: "KWD", minor: 12_340n },
  ])
    promise(
      `what a buyer pays in ${amount.currencyCode} is held, under our ids, and not taken`,
      async (tested) => {
        const { order, state } = await held(tested, { amount });
        assert.deepEqual([state.key, state.orderId], [order.key, order.orderId]);
        assert.deepEqual([state.amountMinor, state.currency], [amount.minor, amount.currencyCode]);
        assert.deepEqual([state.capturedMinor, state.refunds.length], [0n, 0]);
        assert.deepEqual([state.isVoided, state.declineReason, state.action], [false, null, undefined]);
        assert.match(state.last4, /^\d{4}$/);
      },
    );

  promise("the same payment asked for ten times, at once and again, is one payment", async (tested) => {
    const order = orderFor(tested);
    const ten = await Promise.all(Array.from({ length: 10 }, () => tested.provider.authorize(order)));
    assert.equal(new Set(ten.map(({ data }) => JSON.stringify(data))).size, 1);
    const [first] = ten;
    if (first) await tested.buyer?.pays(first);
    const again = await tested.provider.authorize(order);
    assert.equal(again.isAuthorized, true);
    assert.deepEqual(again.data, first?.data);
  });

  promise(
    "a payment whose answer was lost is found by our id, and one that never was is not",
    async (tested) => {
      const { order } = await held(tested);
      assert.equal((await getState(tested, refTo(order))).isAuthorized, true);
      assert.equal(await tested.provider.find(refTo(orderFor(tested))), undefined);
    },
  );

  promise(
    "before the buyer has paid, the answer says what to do, however often it is asked",
    async (tested) => {
      const { method } = tested.provider;
      assert.ok(method.takes === "session");
      for (const presentation of method.presentations) {
        const order = orderFor(tested, { session: sessionOf(presentation) });
        const begun = await tested.provider.authorize(order);
        for (const state of [
          begun,
          await getState(tested, refTo(order, begun)),
          await tested.provider.authorize(order),
        ]) {
          const { clientSecret, redirectUrl } = state.action ?? {};
          assert.equal(typeof clientSecret === "string", presentation === "embedded");
          assert.equal(typeof redirectUrl === "string", presentation === "redirect");
          assert.equal(state.isAuthorized, false);
        }
        await tested.buyer?.pays(begun);
        assert.equal((await getState(tested, refTo(order, begun))).isAuthorized, true);
      }
    },
    "session",
  );

  promise(
    "a declined card holds nothing, and stays declined",
    async (tested) => {
      const card = { ...zero, number: new Secret("4000000000000002") };
      const order = orderFor(tested, { card });
      for (const state of [await tested.provider.authorize(order), await tested.provider.authorize(order)])
        assert.deepEqual([state.isAuthorized, state.declineReason], [false, "CARD_DECLINED"]);
    },
    "card",
  );

  promise(
    "a refused card holds nothing, and the buyer may go on with another one",
    async (tested) => {
      const buyer = buyerOf(tested);
      const order = orderFor(tested);
      const begun = await tested.provider.authorize(order);
      await buyer.isRefused(begun);
      const refused = await getState(tested, refTo(order, begun));
      assert.deepEqual([refused.isAuthorized, refused.declineReason], [false, null]);
      assert.ok(refused.action);
      await buyer.pays(refused);
      assert.equal((await getState(tested, refTo(order, begun))).isAuthorized, true);
    },
    "session",
  );

  promise(
    "a challenge of the bank holds nothing until it is passed",
    async (tested) => {
      const buyer = buyerOf(tested);
      const order = orderFor(tested);
      const begun = await tested.provider.authorize(order);
      const look = async () => await getState(tested, refTo(order, begun));
      await (await buyer.meetsChallenge(begun)).fails();
      assert.equal((await look()).isAuthorized, false);
      const challenge = await buyer.meetsChallenge(begun);
      assert.equal((await look()).isAuthorized, false);
      await challenge.passes();
      assert.equal((await look()).isAuthorized, true);
    },
    "session",
  );
}

function promiseCaptures(promise: Promises): void {
  promise("what is held is taken once, by ten at once and by a repeat", async (tested) => {
    const { ref } = await held(tested);
    const capture = async () => await tested.provider.capture(ref, usd(5_000n));
    await Promise.all(Array.from({ length: 10 }, capture));
    assert.equal((await capture()).capturedMinor, 5_000n);
    assert.equal((await getState(tested, ref)).capturedMinor, 5_000n);
  });

  promise("a part is taken and the rest is freed: no more can be taken or given back", async (tested) => {
    const { ref } = await held(tested);
    assert.equal((await tested.provider.capture(ref, usd(3_000n))).capturedMinor, 3_000n);
    assert.equal((await tested.provider.capture(ref, usd(2_000n))).capturedMinor, 3_000n);
    assert.deepEqual((await tested.provider.refund(ref, newId(), usd(3_001n))).refunds, []);
  });

  promise(
    "what the buyer has not paid cannot be taken",
    async (tested) => {
      const order = orderFor(tested);
      const begun = await tested.provider.authorize(order);
      const state = await tested.provider.capture(refTo(order, begun), usd(5_000n));
      assert.deepEqual([state.capturedMinor, state.isAuthorized], [0n, false]);
    },
    "session",
  );
}

function promiseVoids(promise: Promises): void {
  promise("what is held is freed for good: it is neither taken nor held again", async (tested) => {
    const { order, ref } = await held(tested);
    for (const state of [await tested.provider.void(ref), await tested.provider.void(ref)])
      assert.deepEqual([state.isVoided, state.capturedMinor], [true, 0n]);
    assert.equal((await tested.provider.capture(ref, usd(5_000n))).capturedMinor, 0n);
    assert.equal((await tested.provider.authorize(order)).isVoided, true);
  });

  promise("a payment that is ended before it is asked for is never held", async (tested) => {
    const order = orderFor(tested);
    assert.equal((await tested.provider.void(refTo(order))).isVoided, true);
    const late = await tested.provider.authorize(order);
    assert.deepEqual([late.isVoided, late.isAuthorized, late.action], [true, false, undefined]);
  });

  promise("an end and a beginning at the same moment leave nothing that could be paid", async (tested) => {
    for (let round = 0; round < 5; round += 1) {
      const order = orderFor(tested);
      await Promise.all([tested.provider.authorize(order), tested.provider.void(refTo(order))]);
      const state = await getState(tested, refTo(order));
      assert.deepEqual([state.isVoided, state.action], [true, undefined]);
    }
  });

  promise("what was taken is not freed", async (tested) => {
    const { ref } = await held(tested);
    await tested.provider.capture(ref, usd(5_000n));
    const state = await tested.provider.void(ref);
    assert.deepEqual([state.isVoided, state.capturedMinor], [false, 5_000n]);
  });
}

function promiseRefunds(promise: Promises): void {
  const captured = async (tested: ProviderUnderTest) => {
    const { ref } = await held(tested);
    await tested.provider.capture(ref, usd(5_000n));
    return ref;
  };

  promise("parts are given back, each once however often it is asked for", async (tested) => {
    const ref = await captured(tested);
    const [first, second] = [newId(), newId()];
    const ask = async (key: string, minor: bigint) => await tested.provider.refund(ref, key, usd(minor));
    await Promise.all(Array.from({ length: 5 }, () => ask(first, 1_500n)));
    await ask(first, 1_500n);
    const { refunds } = await ask(second, 3_500n);
    const given = Object.fromEntries(refunds.map(({ key, amountMinor }) => [key, amountMinor]));
    assert.deepEqual(given, { [first]: 1_500n, [second]: 3_500n });
  });

  promise(
    "never more is given back than was taken, and what would exceed it is not listed",
    async (tested) => {
      const ref = await captured(tested);
      await Promise.all(
        [2_000n, 2_000n, 2_000n].map((minor) => tested.provider.refund(ref, newId(), usd(minor))),
      );
      const state = await getState(tested, ref);
      assert.equal(refundedOf(state), 4_000n);
      const { refunds } = await tested.provider.refund(ref, "too-much", usd(1_001n));
      assert.equal(
        refunds.some(({ key }) => key === "too-much"),
        false,
      );
    },
  );

  promise(
    "a dispute is told of with its amount, and that it wants an answer",
    async (tested) => {
      const ref = await captured(tested);
      await buyerOf(tested).disputes(await getState(tested, ref), 5_000n);
      const [dispute] = (await getState(tested, ref)).disputes ?? [];
      assert.deepEqual(
        [dispute?.amountMinor, dispute?.currency, dispute?.status],
        [5_000n, "USD", "needs_response"],
      );
    },
    "session",
  );
}

function promiseNews(promise: Promises): void {
  promise(
    "every change is told of by a signed callback that names the payment, under one id",
    async (tested) => {
      const { order, ref } = await held(tested);
      const before = tested.sent().length;
      await tested.provider.capture(ref, usd(5_000n));
      const news = async () => {
        const read = tested
          .sent()
          .slice(before)
          .map((callback) => tested.provider.readCallback(callback));
        return (await Promise.all(read)).filter((one) => one?.key === order.key);
      };
      await eventually("a callback tells of the capture", async () => (await news()).length > 0);
      const [first] = await news();
      const [again] = await news();
      assert.deepEqual(first, again);
      assert.ok(first && first.id !== "" && first.type !== "");
    },
  );

  promise("a callback that is unsigned, changed, signed by another or too old is refused", async (tested) => {
    await held(tested);
    await eventually("a callback was sent", () => tested.sent().length > 0);
    const [callback] = tested.sent();
    assert.ok(callback);
    const changed = Buffer.concat([callback.body, Buffer.from(" ")]);
    const otherwise = Object.fromEntries(
      Object.entries(callback.headers).map(([header, value]) => [
        header,
        value.replace(/v1=..../, "v1=0000"),
      ]),
    );
    const wrong = [
      { ...callback, headers: {} },
      { ...callback, headers: otherwise },
      { ...callback, body: changed },
      tested.signedAgo(callback, 600),
    ];
    for (const one of wrong)
      await assert.rejects(tested.provider.readCallback(one), (error) => isReason(error, "CALLBACK_INVALID"));
    assert.ok(await tested.provider.readCallback(tested.signedAgo(callback, 30)));
  });

  promise("all payments that changed are listed, page by page, as they are", async (tested) => {
    const since = new Date(Date.now() - 60_000);
    const keys = new Set<string>();
    for (let index = 0; index < 5; index += 1) keys.add((await held(tested)).order.key);
    const { ref, order } = await held(tested);
    await tested.provider.capture(ref, usd(5_000n));
    keys.add(order.key);
    const found = new Map<string, ProviderState>();
    let cursor: string | undefined;
    do {
      const page = await tested.provider.listChanges({ since, cursor, settledSeconds: 0, limit: 3 });
      for (const state of page.states) found.set(state.key, state);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    for (const key of keys) assert.ok(found.has(key), `${key} is missing`);
    assert.equal(found.get(order.key)?.capturedMinor, 5_000n);
  });
}
