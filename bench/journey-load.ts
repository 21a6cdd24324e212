// Guests who do what people do in the shop, many at once: they look around, fill a cart, buy, and look at their order.
import { systemClock } from "#platform/kit/clock.ts";
import { checkoutFields, Shopper, type PageShown } from "../test/journeys/shopper.ts";

export interface JourneyLoad {
  readonly origin: string;
  readonly guests: number;
  /** How many of them are on their way at once. */
  readonly parallel: number;
}

/** Answers how many bought; others came too late for the last one. Throws when a page of a guest is not what it should be: a failing shop holds little memory. */
export async function walkGuests({ origin, guests, parallel }: JourneyLoad): Promise<number> {
  const productIds = await listProducts(origin);
  let next = 0;
  let bought = 0;
  const walk = async () => {
    while (next < guests) {
      const index = next++;
      if (await walkOne(new Shopper(origin), productIds[index % productIds.length] ?? "")) bought += 1;
    }
  };
  await Promise.all(Array.from({ length: parallel }, walk));
  return bought;
}

/** False when somebody else had bought the last one. */
async function walkOne(shopper: Shopper, productId: string): Promise<boolean> {
  const page = (path: string) => patiently(`GET ${path}`, [200], async () => await shopper.get(path));
  for (const path of ["/", "/search?q=a", `/product/${productId}`]) await page(path);
  const product = await page(`/product/${productId}`);
  await patiently("POST /cart", [302], async () => await shopper.submit(product, "/cart", { quantity: "1" }));
  // Sent again with the same fields, an order is the same order.
  const cart = await page("/cart");
  const order = await patiently(
    "An order",
    [200, 409],
    async () => await shopper.order(cart, checkoutFields),
  );
  return order.status === 200;
}

const patienceMs = 60_000;

/** A busy shop answers 503 and is asked again, as people do. */
async function patiently(
  what: string,
  wanted: readonly number[],
  ask: () => Promise<PageShown>,
): Promise<PageShown> {
  const untilMs = systemClock.monotonicMs() + patienceMs;
  for (;;) {
    const page = await ask();
    if (wanted.includes(page.status)) return page;
    if (page.status !== 503 || systemClock.monotonicMs() > untilMs)
      throw new Error(`${what} answered ${page.status}: ${page.text.slice(0, 300)}`);
    await systemClock.sleep(250);
  }
}

async function listProducts(origin: string): Promise<string[]> {
  const answer = await fetch(`${origin}/api/products?limit=100&inStock=true`);
  const { items } = (await answer.json()) as { items?: { id: string; stock?: number }[] };
  const ids = (items ?? []).map(({ id }) => id);
  if (ids.length === 0) throw new Error("The shop shows no products.");
  return ids;
}
