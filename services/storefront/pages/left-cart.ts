// What a sign-in left in the guest's cart, because the account's has no room for it.
import { me, type Visit } from "../visit.ts";

/** The cart, with what stayed behind. */
export const leftCartPath = "/cart?left=1";

/** What the cart page says of it, to somebody who has just signed in. */
export async function findLeftMessage(visit: Visit): Promise<string | undefined> {
  if (!visit.query.has("left") || !visit.isKnown || !visit.identity.isSignedIn) return undefined;
  const token = await visit.identity.guestToken();
  const cart = await visit.ctx.api
    .send("getCart", { path: me }, { ...visit.caller, token })
    .catch(() => undefined);
  if (!cart || cart.items.length === 0) return undefined;
  const named = cart.items.slice(0, namedMax).map(({ quantity, name }) => `${quantity} × ${name}`);
  if (cart.items.length > namedMax) named.push("…");
  return visit.look.words.text("cart.left", { items: named.join(", ") });
}

const namedMax = 5;
