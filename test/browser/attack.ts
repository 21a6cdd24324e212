// Text that wants to be a script is shown as text, wherever the shop shows it.
import type { Browser, Page } from "playwright-core";
import { admin } from "./running-shop.ts";
import { check } from "./tally.ts";
import { Visitor } from "./visitor.ts";

const mark = "hasRunForeignCode";
export const payload = `Vase "><img src=/none onerror="window.${mark}=1"><script>window.${mark}=1</script><svg onload='${mark}=1'>`;

export async function attackWithNames(browser: Browser, origin: string): Promise<void> {
  const slug = await createProduct(origin);
  const visitor = await Visitor.arrive(browser, origin, { width: 1280, hasScripts: true });
  await visitor.open(`/product/${slug}`);
  await mustBeText(visitor, "Product");
  await visitor.press("Add to cart");
  await visitor.sees("Your cart");
  await mustBeText(visitor, "Cart");
  await visitor.open("/search?q=vase");
  await mustBeText(visitor, "Search");
  await visitor.open(`/search?q=${encodeURIComponent(payload.slice(5, 90))}`);
  await mustBeText(visitor, "Search words");
  await visitor.open("/account/login");
  await visitor.fill({ Email: admin.email, Password: admin.password });
  await visitor.press("Sign in");
  await visitor.sees("Your orders");
  await visitor.open("/cart");
  await visitor.fill({
    Email: "ada@example.com",
    Name: payload,
    "Street and number": payload,
    "Postal code": "94043",
    City: "Mountain View",
    State: "CA",
    "Card number": "4242424242424242",
    CVC: "672",
  });
  await visitor.press(/^Place order/);
  await visitor.sees("Thank you");
  await mustBeText(visitor, "Order");
  await visitor.page.reload();
  await mustBeText(visitor, "Order later");
  const orderNumber = /S-\w+/.exec(await visitor.page.getByRole("main").innerText())?.[0] ?? "";
  await visitor.open("/admin");
  await mustBeText(visitor, "Admin");
  await mailMustBeText(visitor, orderNumber);
  await visitor.leave();
}

async function mustBeText(visitor: Visitor, name: string): Promise<void> {
  await visitor.look(`${name} with an attack in its names`);
  check(`${name}: no foreign code runs`, await madeFrom(visitor.page));
}

/** The mail is sent in its own time, and shown in a frame of its own. */
async function mailMustBeText(visitor: Visitor, orderNumber: string): Promise<void> {
  const mail = visitor.page.getByRole("link", { name: orderNumber });
  const untilMs = performance.now() + 20_000;
  do await visitor.open("/admin/mail");
  while ((await mail.count()) === 0 && performance.now() < untilMs);
  await mail.first().click();
  await mustBeText(visitor, "Mail");
  const frame = visitor.page.frameLocator("iframe.mail");
  await frame.getByText(payload.slice(0, 4)).first().waitFor();
  const made = await frame.locator('img[src$="/none"], script, svg').count();
  check("The frame of the mail holds only text", made === 0);
}

/** Whether the payload ran, or became part of the page. */
export async function madeFrom(page: Page): Promise<string[]> {
  const ran = await page.evaluate<boolean>(`window.${mark} !== undefined`);
  const made = await page.locator('img[src$="/none"], script:not([src]), svg[onload]').count();
  return [...(ran ? ["the payload ran"] : []), ...(made > 0 ? [`${made} elements were made from it`] : [])];
}

async function createProduct(origin: string): Promise<string> {
  const session = await send<{ token: string }>(origin, "/api/users/login", admin);
  const product = {
    name: payload,
    description: payload,
    price: { amount: "12.00", currencyCode: "USD" },
    category: "kitchen",
    stockQuantity: 10,
    attributes: { colour: payload },
  };
  const { slug } = await send<{ slug: string }>(origin, "/api/products", product, session.token);
  return slug;
}

async function send<Answer>(origin: string, path: string, body: unknown, token?: string): Promise<Answer> {
  const answer = await fetch(origin + path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Answer;
}
