// What capacity is worked out from. Measured figures name the command that measures them; assumptions say that they are ones.

/** Milliseconds of a processor. */
export interface Cost {
  readonly perRequest: number;
  readonly perOrder: number;
}

/**
 * By station, from `npm run bench -- sizing` (docs/operate/sizing.md): thousandths of a processor for 100 requests/s are hundredths of a
 * millisecond for one request, and for 1,000 orders an hour 3.6 milliseconds for one order, filling the cart and looking at it included.
 */
export const costs: { readonly [station: string]: Cost } = fromSizing({
  storefront: [215, 0],
  gateway: [521, 3.3],
  catalog: [335, 1.9],
  recommendation: [33, 1.2],
  ad: [28, 0],
  user: [2.5, 0.2],
  cart: [4.2, 2.7],
  checkout: [13, 5.1],
  order: [0, 3],
  payment: [5.6, 1.7],
  shipping: [2.5, 1.1],
  email: [0, 0.1],
  postgres: [189, 4.2],
});

function fromSizing(table: { readonly [station: string]: readonly [number, number] }) {
  return Object.fromEntries(
    Object.entries(table).map(([station, [requests, orders]]) => [
      station,
      { perRequest: requests / 100, perOrder: orders * 3.6 },
    ]),
  );
}

/** The whole shop in one process needs so much less processor time than its services do apart (`npm run bench -- split`). */
export const oneProcessShare = 1 / 4.7;

/** Stations that a request of a page or of the API passes, in this order; each may pass it without any work. */
export const wayOfARequest = [
  "storefront",
  "gateway",
  "catalog",
  "recommendation",
  "ad",
  "user",
  "cart",
  "postgres",
];
/** The same for an order, whose steps are made one after the other. */
export const wayOfAnOrder = [
  "gateway",
  "checkout",
  "catalog",
  "cart",
  "order",
  "payment",
  "shipping",
  "recommendation",
  "user",
  "email",
  "postgres",
];

/** docs/requests/place-order.md; `npm run bench -- --only commits` counts them. */
export const commitsPerOrder = 13;
/** A commit of a disk with a battery or of the cloud's block storage. An assumption: `pg_test_fsync` tells yours. */
export const commitMs = 1.5;
/** What the databases grow by, indexes included; `node bench/capacity.ts --disk` measures it. */
export const bytesPerOrder = 16_000;

/** Assumptions of trade; put your own in their place with `--requests`, `--peak`. */
export const trade = {
  /** Pages and requests for each order: one visitor in forty buys, and looks at about six pages. */
  requestsPerOrder: 250,
  /** The busiest minutes of a year against the mean hour. */
  peak: 3,
};

/** How full a processor may be at the peak: beyond it, what waits grows faster than what comes. */
export const fullMax = 0.6;

/** Assumptions of the page's money, in dollars a month: a list price each, rounded. */
export const prices = {
  node: { processors: 4, memoryGib: 16, dollars: 120 },
  databaseProcessor: 75,
  diskGib: 0.12,
};
