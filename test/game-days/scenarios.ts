import { failedShare, type GameDay } from "./game-day.ts";

const recommendationsGone: GameDay = {
  name: "recommendations-gone",
  title: "The recommendation service answers nobody",
  hypothesis:
    "Pages stay whole but for the suggestions, nobody waits for them, and orders are placed as ever: nothing that is sold depends on suggestions.",
  faults: [{ where: "rpc:stoa.recommendation.v1.RecommendationService/*", share: 1, fail: "UNAVAILABLE" }],
  secondsSteady: 5,
  secondsFault: 12,
  evidence: {
    sentence: "Every answer with suggestions said that they are missing.",
    holds: ({ fault: { suggestions } }) =>
      suggestions.count > 0 && suggestions.degraded === suggestions.count,
  },
  checks: [
    { sentence: "No page failed.", holds: ({ fault }) => failedShare(fault.page) === 0 },
    {
      sentence: "Asking for suggestions failed for nobody.",
      holds: ({ fault }) => failedShare(fault.suggestions) === 0,
    },
    { sentence: "Every order was placed.", holds: ({ fault }) => failedShare(fault.order) === 0 },
    {
      sentence: "A page took no longer than twice what it takes at other times, and half a second.",
      holds: ({ fault, steady }) => fault.page.p95Ms <= 2 * steady.page.p95Ms + 500,
    },
  ],
};

const paymentSlow: GameDay = {
  name: "payment-slow",
  title: "The payment provider takes its time",
  hypothesis:
    "Each authorization takes 1.5 s longer, and an order as much; nobody is charged twice, and whoever looks around feels nothing.",
  faults: [{ where: "rpc:stoa.payment.v1.PaymentService/Authorize", share: 1, delayMs: 1_500 }],
  secondsSteady: 5,
  secondsFault: 12,
  evidence: {
    sentence: "Half of the orders took longer than 1.5 s.",
    holds: ({ fault }) => fault.order.count > 0 && fault.order.p50Ms > 1_500,
  },
  checks: [
    { sentence: "Every order was placed.", holds: ({ fault }) => failedShare(fault.order) === 0 },
    { sentence: "No page failed.", holds: ({ fault }) => failedShare(fault.page) === 0 },
    { sentence: "No product failed to show.", holds: ({ fault }) => failedShare(fault.product) === 0 },
    {
      sentence: "A page took no longer than twice what it takes at other times, and half a second.",
      holds: ({ fault, steady }) => fault.page.p95Ms <= 2 * steady.page.p95Ms + 500,
    },
  ],
};

const catalogFlaky: GameDay = {
  name: "catalog-flaky",
  title: "The catalogue loses a tenth of its calls",
  hypothesis:
    "Reads are asked again behind people's backs and goods that were seen stand in; an order that meets a lost call is finished by asking again with the same key, and stock and money agree at the end.",
  faults: [{ where: "rpc:stoa.catalog.v1.CatalogService/*", share: 0.1, fail: "UNAVAILABLE" }],
  secondsSteady: 5,
  secondsFault: 15,
  evidence: {
    sentence: "Something was asked again, answered from what was seen before, or refused.",
    holds: ({ fault }) =>
      fault.order.repeated +
        fault.product.degraded +
        fault.page.failed +
        fault.product.failed +
        fault.order.failed >
      0,
  },
  checks: [
    {
      sentence: "Every order came to an end and was placed.",
      holds: ({ fault }) => failedShare(fault.order) === 0,
    },
    {
      sentence: "Of a hundred pages, at most five failed.",
      holds: ({ fault }) => failedShare(fault.page) <= 0.05,
    },
    {
      sentence: "Of a hundred products, at most five failed to show.",
      holds: ({ fault }) => failedShare(fault.product) <= 0.05,
    },
  ],
};

export const gameDays: readonly GameDay[] = [recommendationsGone, paymentSlow, catalogFlaky];
