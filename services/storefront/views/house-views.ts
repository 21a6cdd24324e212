// The views that a theme may replace, by name: `views/product-card.ts` of a theme exports `productCard`.
import type { Category, Product } from "#gen/rest/types.ts";
import type { Html } from "#platform/web/html.ts";
import type { Look } from "../look.ts";
import { footerView } from "./footer.ts";
import { headerView } from "./header.ts";
import { heroView, promisesView } from "./home-words.ts";
import { productCardView } from "./product-card.ts";

export interface Views {
  readonly header: (look: Look, parts: HeaderParts) => Html;
  readonly footer: (look: Look, parts: FooterParts) => Html;
  readonly hero: (look: Look, parts: object) => Html;
  readonly promises: (look: Look, parts: object) => Html;
  readonly productCard: (look: Look, parts: ProductCardParts) => Html;
}

export interface HeaderParts {
  readonly path: string;
  /** What was searched for, on the page of results. */
  readonly searched: string;
  readonly categories: readonly Category[];
  /** How many things are in the cart. */
  readonly count: number;
  readonly isSignedIn: boolean;
}

export interface FooterParts {
  readonly categories: readonly Category[];
  readonly isSignedIn: boolean;
  readonly currencies: readonly string[];
  readonly currency: string;
}

export interface ProductCardParts {
  readonly product: Product;
  /** Below the first screen: its picture comes when it is scrolled to. */
  readonly isLazy: boolean;
}

export const houseViews: Views = {
  header: headerView,
  footer: footerView,
  hero: heroView,
  promises: promisesView,
  productCard: productCardView,
};
