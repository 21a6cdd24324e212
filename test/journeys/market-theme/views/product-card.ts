// A card of this theme: the house's, under a ribbon.
import type { Html } from "#platform/web/html.ts";
import type { Look } from "../../../../services/storefront/look.ts";
import type { ProductCardParts } from "../../../../services/storefront/views/house-views.ts";

export function productCard(look: Look, parts: ProductCardParts): Html {
  return look.html`<li class="ribbon">${look.words.money(parts.product.price)}</li>
    ${look.house.productCard(look, parts)}`;
}
