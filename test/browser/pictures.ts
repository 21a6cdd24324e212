// Pictures of the main pages, for eyes.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { checkOut, fillCart } from "./journey.ts";
import { admin } from "./running-shop.ts";
import { Visitor } from "./visitor.ts";

export async function takePictures(browser: Browser, origin: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const width of [390, 1280]) {
    const isExpected = (url: string) => url.endsWith("/no-such-page");
    const visitor = await Visitor.arrive(browser, origin, { width, hasScripts: true }, isExpected);
    const keep = async (name: string, path?: string) => {
      if (path !== undefined) await visitor.open(path);
      await visitor.look(name);
      await visitor.page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true });
    };
    await keep("home", "/");
    await keep("category", "/category/kitchen");
    await keep("product", "/product/meridian-watch");
    await keep("cart-empty", "/cart");
    await fillCart(visitor);
    await keep("cart");
    await checkOut(visitor);
    await keep("order");
    await keep("login", "/account/login");
    await keep("register", "/account/register");
    await visitor.open("/account/login");
    await visitor.fill({ Email: admin.email, Password: admin.password });
    await visitor.press("Sign in");
    await keep("account");
    await keep("admin", "/admin");
    await visitor.page.locator(".list td a").first().click();
    await keep("admin-order");
    await keep("mails", "/admin/mail");
    await keep("not-found", "/no-such-page");
    await visitor.leave();
  }
}
