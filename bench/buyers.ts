// Buyers with a cart, and enough stock for all of them.
import type { Database } from "#platform/database/db.ts";
import { newId, newRandomId } from "#platform/kit/ids.ts";
import type { BenchShop } from "./bench-shop.ts";

/** Units that no benchmark can sell out. */
export const plenty = 10_000_000;
/** Two for each of the 16 buyers at once, and some more. */
export const productsMax = 48;

/** Gives the first 48 demo products so much stock that none runs out, through the ledger as every change. */
export async function stockUp(catalog: Database): Promise<string[]> {
  return await catalog.inTransaction(async (tx) => {
    const products = await tx.rows<{ id: string }>(
      `select p.id from products p join stock s on s.variant_id = p.id where p.is_demo order by p.id limit $1`,
      [productsMax],
    );
    const ids = products.map(({ id }) => id);
    await tx.run("select tell_stock_reason('count', 'bench', '')");
    await tx.run("update stock set on_hand = $2 where variant_id = any($1::uuid[])", [ids, plenty]);
    return ids;
  });
}

/** Fills the carts of these buyers, or of `count` new ones, with two products each; returns whose they are. */
export async function fillCarts(
  shop: BenchShop,
  productIds: readonly string[],
  {
    count = 0,
    userIds = Array.from({ length: count }, newRandomId),
  }: { count?: number; userIds?: readonly string[] },
): Promise<readonly string[]> {
  const fill = async (userId: string, index: number) => {
    for (const offset of [0, 1]) {
      const productId = productIds[(index * 2 + offset) % productIds.length] ?? "";
      await shop.cart.addItem({ userId, productId, quantity: offset + 1 });
    }
  };
  for (let start = 0; start < userIds.length; start += 20)
    await Promise.all(userIds.slice(start, start + 20).map((id, index) => fill(id, start + index)));
  return userIds;
}

export interface Guest {
  readonly userId: string;
  readonly token: string;
}

/** People without an account, each with a token. */
export async function makeGuests(shop: BenchShop, count: number): Promise<Guest[]> {
  const guests: Guest[] = [];
  while (guests.length < count) {
    const { userId, session } = await shop.user.createGuest({});
    guests.push({ userId, token: session?.token ?? "" });
  }
  return guests;
}

export const address = {
  fullName: "Ada Lovelace",
  line1: "1 Analytical Way",
  city: "New York",
  region: "NY",
  postalCode: "10001",
  country: "US",
};

const card = { number: "4242424242424242", expiryMonth: 12, expiryYear: 2035, cvc: "123" };

/** Buys the buyer's cart through the service, without HTTP. */
export async function placeOrder(shop: BenchShop, userId: string): Promise<void> {
  const { order } = await shop.checkout.placeOrder({
    userId,
    idempotencyKey: newId(),
    email: "ada@example.com",
    shippingAddress: address,
    card,
  });
  if (order?.status !== "processing") throw new Error("An order of the benchmark was not placed.");
}

/** The same as a body of `POST /api/orders`. */
export const orderBody = {
  email: "ada@example.com",
  shippingAddress: address,
  payment: { type: "card", card },
};
