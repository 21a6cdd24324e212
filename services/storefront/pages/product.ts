import { page, redirect, type Answer, type Route } from "#platform/web/answer.ts";
import type { Product } from "#gen/rest/types.ts";
import { productMeta } from "../product-meta.ts";
import { pageNotFound } from "../refusal.ts";
import type { Delivery } from "../delivery.ts";
import { guessCountry } from "../place.ts";
import { chosenVariant, productView } from "../views/product.ts";
import type { Visit } from "../visit.ts";
import { findTrail } from "../category-trail.ts";
import { productPath } from "../paths.ts";

export const productRoutes: readonly Route<Visit>[] = [
  { method: "GET", url: "/product/:id", page: productPage },
  { method: "GET", url: "/product-meta/:ids", page: productMetaPage, isPlain: true },
  { method: "GET", url: "/ads/:id", page: followAd },
];

async function productPage(visit: Visit): Promise<Answer> {
  const product = await getProduct(visit, visit.params["id"] ?? "");
  const chosen = chosenVariant(product, visit.query.get("variant"));
  const [recommended, ads, delivery, categories = []] = await Promise.all([
    listRecommendations(visit, [product.id]),
    visit.askOptional("listAds", { query: { contextKeys: product.categories } }, "ad"),
    chosen && chosen.stockQuantity > 0 ? findDelivery(visit, product.id, chosen.id) : undefined,
    visit.soon(visit.ctx.categories.get(visit.caller), "categories"),
  ]);
  const body = productView(visit.look, {
    product,
    recommended,
    ads: ads?.items,
    chosen,
    delivery,
    categoryName: findTrail(categories, product.category).at(-1)?.name,
  });
  return page(product.name, body, {
    description: product.description.slice(0, 160),
    canonical: productPath(product.slug),
  });
}

export async function getProduct(visit: Visit, id: string): Promise<Product> {
  if (id === "" || id.length > 200) throw pageNotFound("product");
  return await visit.askPublic("getProduct", { path: { id }, query: { currency: visit.currency } });
}

/** To where the shopper probably is. Without it the page promises nothing. */
async function findDelivery(
  visit: Visit,
  productId: string,
  variantId: string,
): Promise<Delivery | undefined> {
  const { ctx, headers, currency, caller } = visit;
  const country = guessCountry(headers["accept-language"], ctx.shop.country);
  return await visit.soon(
    ctx.deliveries.get({ country, currency, productId, variantId }, caller),
    "delivery",
  );
}

/** At most four products that go with these, or nothing when they do not come at once. */
export async function listRecommendations(
  visit: Visit,
  productIds: readonly string[],
): Promise<readonly Product[] | undefined> {
  if (productIds.length === 0) return undefined;
  const query = { productIds: productIds.slice(0, 20), currency: visit.currency };
  const answer = await visit.askOptional("listRecommendations", { query }, "suggestions");
  return answer?.items.slice(0, 4);
}

/** Whatever goes wrong, the contract answers 200 with nothing. */
async function productMetaPage(visit: Visit): Promise<Answer> {
  const request = { path: { id: visit.params["ids"] ?? "" }, query: { currency: visit.ctx.shop.currency } };
  const product = await visit.askPublic("getProduct", request).catch(() => undefined);
  if (!product) return { kind: "bytes", type: "text/plain; charset=utf-8", body: "" };
  return { kind: "bytes", type: "application/json", body: JSON.stringify(productMeta(product)) };
}

/** Counts the click and leads on; an ad that is gone leads home. */
async function followAd(visit: Visit): Promise<Answer> {
  const path = { id: visit.params["id"] ?? "" };
  const ad = await visit.askPublic("clickAd", { path }).catch(() => undefined);
  return redirect(ad?.redirectUrl ?? "/");
}
