// What goes wrong on the way, and what of it stays on the page: nothing is typed twice.
import type { Browser } from "playwright-core";
import { delivery } from "./journey.ts";
import { check } from "./tally.ts";
import { Visitor, type Screen } from "./visitor.ts";

/** Of the right form, so that the postal code is what is refused first. */
const declined = "4000 0000 0000 0002";

const isRefusal = (url: string) => url.endsWith("/cart/checkout");

export async function meetRefusals(browser: Browser, origin: string, screen: Screen): Promise<void> {
  const visitor = await Visitor.arrive(browser, origin, screen, isRefusal);
  await visitor.open("/product/tideline-mug");
  await visitor.press("Add to cart");
  await visitor.sees("Your cart");
  await refusedFields(visitor);
  if (screen.hasScripts) await keepWhatIsTyped(visitor);
  await leftOfStock(visitor);
  await visitor.leave();
}

/** A refused form has the focus on its first wrong field; the card stays where scripts run, and only there. */
async function refusedFields(visitor: Visitor): Promise<void> {
  const { page, words } = visitor;
  await visitor.fill({ ...delivery, "Postal code": "0", "Card number": declined });
  await visitor.press(/^Place order/);
  await visitor.sees("Some fields need another look.");
  const focused = await page.evaluate<string>("document.activeElement.name");
  check(`The first wrong field has the focus, ${words}`, focused === "zip_code" ? [] : [focused]);
  const link = page.getByRole("alert").getByRole("link", { name: "Postal code" });
  check(`The summary links to it, ${words}`, (await link.getAttribute("href")) === "#zip_code");
  const card = await page.getByLabel("Card number").inputValue();
  const wanted = visitor.screen.hasScripts ? declined : "";
  check(`The card is kept in the open page alone, ${words}`, card === wanted ? [] : [card]);
  await visitor.look("Refused form");
  const kept = await page.evaluate<string>(
    "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])",
  );
  check(`No storage of the browser holds the card, ${words}`, !/4000/.test(kept));
  const lost = visitor.screen.hasScripts ? {} : { "Card number": declined, CVC: "672" };
  await visitor.fill({ "Postal code": "94043", ...lost });
  await visitor.press(/^Place order/);
  await visitor.sees("Your bank declined the card.");
}

/** More of it, another currency, another country: the total follows, and what is typed stays, the card too. */
async function keepWhatIsTyped(visitor: Visitor): Promise<void> {
  const { page, words } = visitor;
  const total = () => page.getByRole("button", { name: /^Place order ·/ }).innerText();
  const changes: [what: string, change: () => Promise<unknown>][] = [
    ["one more", async () => await visitor.press("One more")],
    ["another currency", async () => await page.getByLabel("Currency").selectOption("EUR")],
    ["another country", async () => await page.getByLabel("Country").selectOption({ label: "Germany" })],
  ];
  for (const [what, change] of changes) {
    const before = await total();
    await change();
    await page.locator("#checkout button.wide", { hasNotText: before.trim() }).waitFor();
    const typed = [
      await page.getByLabel("Card number").inputValue(),
      await page.getByLabel("City").inputValue(),
      await page.getByLabel("Email").first().inputValue(),
    ];
    const wanted = [declined, delivery.City, delivery.Email];
    check(`What is typed stays with ${what}, ${words}`, typed.join() === wanted.join() ? [] : typed);
  }
  check(`Germany asks for no state, ${words}`, (await page.getByLabel("State").count()) === 0);
  await page.getByLabel("Country").selectOption({ label: "United States" });
  await page.getByLabel("State").waitFor();
  await visitor.look("Cart with everything typed");
}

/** The list of quantities ends at what there is, and changes with the variant. */
async function leftOfStock(visitor: Visitor): Promise<void> {
  const { page, words } = visitor;
  await visitor.open("/product/meridian-watch");
  const shown = page.url();
  if (!visitor.screen.hasScripts) {
    await page.getByRole("link", { name: /steel mesh/ }).click();
    await visitor.sees("$124.99");
  } else {
    await page.getByRole("radio", { name: /steel mesh/ }).check();
    await page.locator("dl.facts dd", { hasText: "steel mesh" }).waitFor();
  }
  check(
    `The address names the chosen variant, ${words}`,
    page.url() !== shown && page.url().includes("?variant="),
  );
  await page.reload();
  check(
    `Loaded again it is still chosen, ${words}`,
    await page.getByRole("radio", { name: /steel mesh/ }).isChecked(),
  );
  await visitor.look("Chosen variant");
}
