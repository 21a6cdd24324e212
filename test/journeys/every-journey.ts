// Every journey once more in a shop that sells in another currency: the same tests, on one shop.
import { sellIn } from "./open-shop.ts";
import type { ShopCurrency } from "./demo-prices.ts";

export async function everyJourney(currency: ShopCurrency): Promise<void> {
  sellIn(currency);
  await import("./browsing.test.ts");
  await import("./buying.test.ts");
  await import("./accounts.test.ts");
  await import("./admin.test.ts");
  await import("./money.test.ts");
  await import("./hipstershop.test.ts");
}
