// What the shop knows of the buyer before they type: the form begins with it.
import type { Order, User } from "#gen/rest/types.ts";
import type { TypedCheckout } from "./checkout-form.ts";
import { findCountryCode } from "./countries.ts";
import { guessCountry } from "./place.ts";
import type { Visit } from "./visit.ts";

export interface KnownBuyer {
  /** Where shipping is estimated for until an address is there. */
  readonly country: string;
  readonly typed: TypedCheckout | undefined;
  /** The address is whole, so what shipping costs is no estimate. */
  readonly hasAddress: boolean;
}

/** Guests have their country guessed from their last order; who signed in finds their name, email and last address. */
export async function findBuyer(visit: Visit): Promise<KnownBuyer> {
  const guessed = guessCountry(visit.headers["accept-language"], visit.ctx.shop.country);
  if (!visit.isKnown) return { country: guessed, typed: undefined, hasAddress: false };
  const [order, user] = await Promise.all([findLastOrder(visit), findUser(visit)]);
  const country = findCountryCode(order?.shippingAddress.country ?? "") ?? guessed;
  if (!user) return { country, typed: undefined, hasAddress: false };
  const typed = typedBefore(user, order, country);
  return { country, typed, hasAddress: typed.street_address !== "" };
}

async function findLastOrder(visit: Visit): Promise<Order | undefined> {
  const orders = await visit.soon(visit.ask("listOrders", { query: { limit: 1 } }), "other");
  return orders?.items[0];
}

async function findUser(visit: Visit): Promise<User | undefined> {
  return visit.identity.isSignedIn ? await visit.soon(visit.ask("getProfile", {}), "other") : undefined;
}

function typedBefore({ email, firstName, lastName }: User, order: Order | undefined, country: string) {
  const address = order?.shippingAddress;
  return {
    email: order?.email || email,
    full_name: address?.fullName || `${firstName} ${lastName}`.trim(),
    street_address: streetOf(address),
    zip_code: address?.postalCode ?? "",
    city: address?.city ?? "",
    state: address?.region ?? "",
    country,
    credit_card_expiration_month: "",
    credit_card_expiration_year: "",
  };
}

/** A street that was too long for one line was cut, a second line of its own was not. */
function streetOf({ line1 = "", line2 = "" }: { line1?: string; line2?: string | undefined } = {}): string {
  return [line1, line2].filter(Boolean).join(line1.length === 200 ? "" : ", ");
}
