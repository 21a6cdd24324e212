import { ApiProblem } from "#gen/rest/rest-client.ts";
import { page, redirect, type Answer, type Route } from "#platform/web/answer.ts";
import { Refusal } from "../refusal.ts";
import { emptyCartView } from "../views/cart.ts";
import { me, type Visit } from "../visit.ts";
import { cartPage } from "./cart-page.ts";
import { findLeftMessage } from "./left-cart.ts";

export const cartRoutes: readonly Route<Visit>[] = [
  { method: "GET", url: "/cart", page: lookAtCart },
  { method: "POST", url: "/cart", page: addToCart },
  { method: "GET", url: "/cart/empty", page: askToEmpty },
  { method: "POST", url: "/cart/empty", page: emptyCart },
  { method: "POST", url: "/cart/items", page: changeItem },
];

async function lookAtCart(visit: Visit): Promise<Answer> {
  const message = await findLeftMessage(visit);
  return await cartPage(visit, message === undefined ? {} : { message });
}

async function addToCart(visit: Visit): Promise<Answer> {
  const productId = (visit.form.get("product_id") ?? "").trim();
  const quantity = quantityOf(visit.form.get("quantity"), 1, 10);
  const variantId = visit.form.get("variant_id")?.trim() || undefined;
  if (productId === "" || productId.length > 200) throw new Refusal(422, "product");
  const body = { productId, ...(variantId === undefined ? {} : { variantId }), quantity };
  await visit.ask("addCartItem", { path: me, body });
  return redirect("/cart");
}

async function changeItem(visit: Visit): Promise<Answer> {
  const productId = visit.form.get("product_id") ?? "";
  const variantId = visit.form.get("variant_id") || undefined;
  const quantity = quantityOf(visit.form.get("remove") === null ? visit.form.get("quantity") : "0", 0, 99);
  const body = { quantity, ...(variantId === undefined ? {} : { variantId }) };
  try {
    await visit.ask("setCartItem", { path: { ...me, productId }, body });
  } catch (error) {
    // Somebody removed it already, perhaps in another tab.
    if (!(error instanceof ApiProblem) || error.status !== 404) throw error;
  }
  return redirect("/cart");
}

/** What was gathered for a while is not thrown away by one press. */
async function askToEmpty(visit: Visit): Promise<Answer> {
  const count = await visit.cartCount();
  if (count === 0) return redirect("/cart");
  const headers = { "cache-control": "private, no-store" };
  return page(visit.look.words.text("cart.empty"), emptyCartView(visit.look, count), { headers });
}

async function emptyCart(visit: Visit): Promise<Answer> {
  await visit.ask("clearCart", { path: me });
  return redirect("/");
}

function quantityOf(text: string | null, min: number, max: number): number {
  const quantity = /^\d{1,3}$/.test(text ?? "") ? Number(text) : Number.NaN;
  if (quantity >= min && quantity <= max) return quantity;
  throw new Refusal(422, "quantity", { values: { min, max } });
}
