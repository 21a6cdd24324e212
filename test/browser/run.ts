/**
 * The shop in a real browser: `node test/browser/run.ts`. Drives an installed Chromium (CHROMIUM, default /usr/bin/chromium)
 * through a shop of its own, on a phone and on a desk, with and without scripts. `--pictures <folder>` keeps pictures of the
 * main pages. Prints what is wrong and "N passed, N failed".
 */
import { parseArgs } from "node:util";
import { chromium, type Browser } from "playwright-core";
import { attackWithNames } from "./attack.ts";
import {
  cancelFromHistory,
  changeQuantity,
  checkOut,
  fillCart,
  keepCartThroughAccount,
  switchCurrency,
} from "./journey.ts";
import { readReference } from "./docs.ts";
import { useKeyboard } from "./keyboard.ts";
import { seeKilledService, watchOps } from "./ops.ts";
import { takePictures } from "./pictures.ts";
import { meetRefusals } from "./refusals.ts";
import { rulesSeeFaults } from "./planted-faults.ts";
import { startShop } from "./running-shop.ts";
import { part, sum } from "./tally.ts";
import { Visitor, type Screen } from "./visitor.ts";

const { values: options } = parseArgs({ options: { pictures: { type: "string" } } });

const screens: readonly Screen[] = [390, 1280].flatMap((width) =>
  [true, false].map((hasScripts) => ({ width, hasScripts })),
);

async function shopOn(browser: Browser, origin: string, screen: Screen): Promise<void> {
  const visitor = await Visitor.arrive(browser, origin, screen);
  const { words } = visitor;
  const email = `ada-${screen.width}-${screen.hasScripts}@example.com`;
  await part(`Finding and choosing, ${words}`, async () => await fillCart(visitor));
  await part(`Changing the cart, ${words}`, async () => await changeQuantity(visitor));
  await part(`Buying as a guest, ${words}`, async () => await checkOut(visitor));
  await part(`An account keeps the cart, ${words}`, async () => await keepCartThroughAccount(visitor, email));
  await part(`Buying signed in, ${words}`, async () => await checkOut(visitor));
  await part(`Cancelling, ${words}`, async () => await cancelFromHistory(visitor));
  await part(`Another currency, ${words}`, async () => await switchCurrency(visitor));
  await visitor.leave();
}

const shop = await startShop();
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
try {
  await part("The rules see planted faults", async () => await rulesSeeFaults(browser, shop.origin));
  for (const screen of screens) await shopOn(browser, shop.origin, screen);
  for (const screen of screens.slice(0, 2))
    await part(
      `Refusals, ${screen.hasScripts ? "with" : "without"} scripts`,
      async () => await meetRefusals(browser, shop.origin, screen),
    );
  for (const width of [390, 1280])
    await part(`By keyboard alone, ${width} px`, async () => await useKeyboard(browser, shop.origin, width));
  for (const width of [390, 1280])
    await part(`The reference, ${width} px`, async () => await readReference(browser, shop.origin, width));
  for (const screen of [
    { width: 390, hasScripts: true },
    { width: 1280, hasScripts: true },
    { width: 390, hasScripts: false },
  ])
    await part(
      `The ops room, ${screen.width} px ${screen.hasScripts ? "with" : "without"} scripts`,
      async () => await watchOps(browser, shop.origin, screen),
    );
  await part("A killed service is seen", async () => await seeKilledService(browser));
  const folder = options.pictures;
  if (folder !== undefined)
    await part("Pictures", async () => await takePictures(browser, shop.origin, folder));
  await part("Names that attack", async () => await attackWithNames(browser, shop.origin));
} finally {
  await browser.close();
  await shop.close();
}
process.exit(sum() ? 0 : 1);
