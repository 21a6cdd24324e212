// What people see when a part of the shop is slow, failing, gone or there only now and then: the promise, as a table. The program of
// test/faults/ keeps every cell to it, and docs/reference/resilience.md is printed from it.

/** What somebody does in the shop, and how long it may take, whatever hangs. */
export const acts = {
  browse: { title: "Browse and search", limitMs: 1_000 },
  foreign: { title: "Browse in another currency", limitMs: 1_000 },
  cart: { title: "Look at the cart", limitMs: 2_000 },
  add: { title: "Put into the cart", limitMs: 2_000 },
  signIn: { title: "Sign in", limitMs: 10_000 },
  order: { title: "Place an order", limitMs: 10_000 },
  orders: { title: "Look at own orders", limitMs: 2_000 },
  edit: { title: "Edit a product (staff)", limitMs: 10_000 },
} as const;

export type Act = keyof typeof acts;

export const faultStates = {
  slow: "It takes every request and answers none: stopped, hanging, or behind a link that swallows.",
  failing: "It answers, with errors.",
  gone: "Nobody listens: crashed, or never started.",
  flaky: "Every third answer is an error or a reset connection.",
} as const;

export type FaultState = keyof typeof faultStates;

export type Outcome =
  | { readonly kind: "ok" }
  /** It works, and says in words what is missing or old. `says` is the key of those words in the storefront's messages. */
  | { readonly kind: "degraded"; readonly shows: string; readonly says: string }
  /** Refused in words within the limit: 503 with Retry-After. Nothing was done, or it goes on and is answered when asked again. */
  | { readonly kind: "refused" };

export interface Row {
  readonly title: string;
  /**
   * A service by its name, the database of one, a service of pages, which only shops of several processes can lack, or a program that is
   * no part of the shop.
   */
  readonly is: "service" | "database" | "pages" | "outside";
  readonly states: readonly FaultState[];
  /** What is not said is `ok`. */
  readonly acts: { readonly [A in Act]?: Outcome };
  /** What else is promised, in a sentence. */
  readonly note?: string;
}

const refused: Outcome = { kind: "refused" };
const oldGoods: Outcome = {
  kind: "degraded",
  shows:
    "names, prices and stock of at most five minutes ago, marked with their age; what was not seen in that time is refused",
  says: "lacking.oldGoods",
};
const oldNames: Outcome = {
  kind: "degraded",
  shows: "the last known names and prices, marked with their age",
  says: "lacking.oldGoods",
};
const oldRates: Outcome = {
  kind: "degraded",
  shows: "the last good exchange rates, marked with their age",
  says: "lacking.oldRates",
};
const noEstimate: Outcome = {
  kind: "degraded",
  shows: "the cart without what sending it would cost",
  says: "lacking.estimate",
};
const noBadge: Outcome = {
  kind: "degraded",
  shows: "pages without the number at the cart",
  says: "lacking.cart",
};
const noSuggestions: Outcome = {
  kind: "degraded",
  shows: "pages without suggestions",
  says: "lacking.suggestions",
};

const service = { is: "service", states: ["slow", "failing", "gone", "flaky"] } as const;
const database = { is: "database", states: ["slow", "gone"] } as const;

const redis = { is: "outside", states: ["slow", "gone"] } as const;

const withoutCatalog = {
  browse: oldGoods,
  foreign: oldGoods,
  cart: oldNames,
  add: refused,
  order: refused,
  edit: refused,
} as const;
const withoutCart = {
  browse: noBadge,
  foreign: noBadge,
  cart: refused,
  add: refused,
  order: refused,
  orders: noBadge,
} as const;

/** Row by row, what people see. The first name of each is that of the service. */
export const matrix = {
  catalog: { ...service, title: "Catalogue", acts: withoutCatalog },
  "catalog database": { ...database, title: "Database of the catalogue", acts: withoutCatalog },
  user: {
    ...service,
    title: "User",
    acts: { signIn: refused },
    note: "Whoever is signed in stays it, and new guests are signed at the edge.",
  },
  "user database": { ...database, title: "Database of the user service", acts: { signIn: refused } },
  currency: {
    ...service,
    title: "Currency",
    acts: { foreign: oldRates },
    note: "Prices in the shop's own currency ask nobody. Rates that nobody has confirmed for 72 hours are shown, but nothing is sold at them.",
  },
  "currency database": { ...database, title: "Database of the currency service", acts: {} },
  shipping: { ...service, title: "Shipping", acts: { cart: noEstimate, order: refused } },
  payment: { ...service, title: "Payment", acts: { order: refused } },
  "payment database": { ...database, title: "Database of the payment service", acts: { order: refused } },
  "payment provider": {
    is: "outside",
    states: ["slow", "failing", "gone"],
    title: "Payment provider",
    acts: { order: refused },
    note: "An order whose answer is lost is looked after: it ends paid or undone, by itself. Refunds wait.",
  },
  cart: { ...service, title: "Cart", acts: withoutCart },
  "cart database": { ...database, title: "Database of the cart service", acts: withoutCart },
  "cart redis": { ...redis, title: "Redis of the carts (CART_REDIS_URL)", acts: withoutCart },
  "shared redis": {
    ...redis,
    title: "Redis that replicas share (REDIS_URL)",
    acts: {},
    note: "Limits count in each process for itself meanwhile.",
  },
  order: { ...service, title: "Order", acts: { order: refused, orders: refused } },
  "order database": {
    ...database,
    title: "Database of the order service",
    acts: { order: refused, orders: refused },
  },
  checkout: { ...service, title: "Checkout", acts: { cart: noEstimate, order: refused } },
  "checkout database": {
    ...database,
    title: "Database of the checkout service",
    acts: { cart: noEstimate, order: refused },
  },
  recommendation: {
    ...service,
    title: "Recommendation",
    acts: { browse: noSuggestions, foreign: noSuggestions, cart: noSuggestions },
  },
  ad: {
    ...service,
    title: "Advertisements",
    acts: {},
    note: "Who does not see one misses nothing, so it is not said.",
  },
  email: { ...service, title: "Email", acts: {}, note: "Mails wait and are sent later." },
  storefront: {
    is: "pages",
    states: ["slow", "gone"],
    title: "Storefront",
    acts: {
      browse: refused,
      foreign: refused,
      cart: refused,
      add: refused,
      signIn: refused,
      order: refused,
      orders: refused,
    },
    note: "A page of the gateway says so; the REST API works. Another replica of it takes over where there is one: it serves every session.",
  },
} as const satisfies { readonly [dependency: string]: Row };

export type Dependency = keyof typeof matrix;

export interface Cell {
  /** `fault/<dependency>/<state>/<act>`, with a hyphen for the space. */
  readonly name: string;
  readonly dependency: Dependency;
  readonly state: FaultState;
  readonly act: Act;
  readonly outcome: Outcome;
}

/** Every cell of the table. */
export function cells(): Cell[] {
  return (Object.keys(matrix) as Dependency[]).flatMap((dependency) => {
    const row: Row = matrix[dependency];
    return row.states.flatMap((state) =>
      (Object.keys(acts) as Act[]).map((act) => ({
        name: `fault/${dependency.replace(" ", "-")}/${state}/${act}`,
        dependency,
        state,
        act,
        outcome: row.acts[act] ?? ({ kind: "ok" } as const),
      })),
    );
  });
}
