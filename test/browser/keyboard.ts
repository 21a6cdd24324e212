// Everything can be reached and seen without a mouse, in the order it is read.
import type { Browser } from "playwright-core";
import { tabStops } from "./page-rules.ts";
import { check } from "./tally.ts";
import { Visitor } from "./visitor.ts";

/** Pages, and what the Tab key must lead to there, in this order. */
const wanted: readonly { readonly path: string; readonly stops: readonly string[] }[] = [
  {
    path: "/",
    stops: ["Skip to content", "Stoa", "Search", "Cart", "See what is new", "Tideline Mug", "currency_code"],
  },
  {
    path: "/product/meridian-watch",
    stops: ["Skip to content", "Search", "variant_id", "quantity", "Add to cart"],
  },
  {
    path: "/cart",
    stops: [
      "Skip to content",
      "One less",
      "One more",
      "Remove",
      "email",
      "country",
      "credit_card_number",
      "Place order",
    ],
  },
  { path: "/category/kitchen", stops: ["Skip to content", "Tideline Mug"] },
  { path: "/account/login", stops: ["Skip to content", "email", "password", "Sign in", "Make an account"] },
  { path: "/account/register", stops: ["Skip to content", "email", "password", "Make my account"] },
];

export async function useKeyboard(browser: Browser, origin: string, width: number): Promise<void> {
  const visitor = await Visitor.arrive(browser, origin, { width, hasScripts: true });
  await visitor.open("/product/tideline-mug");
  await visitor.press("Add to cart");
  await visitor.sees("Your cart");
  for (const { path, stops } of wanted) {
    await visitor.open(path);
    const found = await tabStops(visitor.page);
    const unseen = found.filter(({ isVisible }) => !isVisible).map(({ name }) => name);
    check(`The focus is seen on all of ${path}, ${width} px`, unseen);
    check(
      `Tab leads to the main actions of ${path}, ${width} px`,
      missing(
        stops,
        found.map(({ name }) => name),
      ),
    );
  }
  await visitor.open("/");
  await visitor.page.keyboard.press("Tab");
  await visitor.page.keyboard.press("Enter");
  check(`The first stop skips to the content, ${width} px`, visitor.page.url().endsWith("#main"));
  await visitor.leave();
}

/** Those of `stops` that are not found, or not after the one before. */
export function missing(stops: readonly string[], found: readonly string[]): string[] {
  let from = 0;
  return stops.flatMap((stop) => {
    const at = found.findIndex((name, index) => index >= from && name.includes(stop));
    if (at < 0) return [`"${stop}" is not reached in its turn: ${found.slice(from).join(", ")}`];
    from = at + 1;
    return [];
  });
}
