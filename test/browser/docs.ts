// The reference as developers use it: how to get in, reading an operation, and trying it, on this origin alone.
import type { Browser } from "playwright-core";
import { admin } from "./running-shop.ts";
import { check } from "./tally.ts";
import { Visitor } from "./visitor.ts";

export async function readReference(browser: Browser, origin: string, width: number): Promise<void> {
  const visitor = await Visitor.arrive(browser, origin, { width, hasScripts: true });
  const { page } = visitor;
  const elsewhere: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith("data:"))
      elsewhere.push(request.url());
  });
  await visitor.open("/docs");
  await page.getByRole("button", { name: "As a new guest" }).click();
  await visitor.sees("of a new guest");
  await page.getByPlaceholder("Filter by tag").waitFor();
  await visitor.look("Reference");
  await tryIt(visitor, "countCart", '"count": 0');
  await visitor.look("Reference, tried as a guest");
  await page.locator("#access").getByLabel("Email").fill(admin.email);
  await page.locator("#access").getByLabel("Password").fill(admin.password);
  await page.getByRole("button", { name: "As an account" }).click();
  await visitor.sees(`${admin.email} (admin)`);
  await tryIt(visitor, "listMails", '"items"');
  check(`The reference loads nothing from elsewhere, ${width} px`, elsewhere);
  await page.setViewportSize({ width: 320, height: 900 });
  const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
  check(`The reference is no wider than 320 px`, wide <= 320 ? [] : [`${wide} px`]);
  await page.setViewportSize({ width, height: 900 });
  await page.getByRole("link", { name: "Plain page" }).click();
  await visitor.look("Plain reference");
  await page.getByRole("link", { name: "To the shop" }).click();
  await visitor.sees("Good things, under one roof");
  await visitor.leave();
}

/** Opens an operation, sends it as it stands, and waits for what the shop answers. */
async function tryIt({ page, words }: Visitor, operation: string, answered: string): Promise<void> {
  const block = page.locator(`.opblock[id$="-${operation}"]`);
  const closed = page.locator(".opblock-tag[data-is-open=false]");
  while ((await closed.count()) > 0) await closed.first().click();
  await block.locator(".opblock-summary-control").click();
  // What was opened is drawn a little later.
  await block.locator(".responses-wrapper .example, .responses-wrapper pre").first().waitFor();
  check(`${operation} shows an example, ${words}`, true);
  await block.getByRole("button", { name: "Execute" }).click();
  await block.locator(".live-responses-table pre", { hasText: answered }).first().waitFor();
  check(`${operation} is tried, ${words}`, true);
}
