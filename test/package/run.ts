/**
 * The shop as a package, from a clean folder: `stoa new`, install, test, start, buy, upgrade by raising the version; and every
 * guide of docs/guides, followed to the letter in such a project. With names of guides, such as `tax-rule`, only those are followed.
 * Ends with the counts.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { followGuides } from "./guides.ts";
import { newProject, pack, type Project, type RunningProject } from "./project.ts";
import { Steps } from "./steps.ts";

const shippingAddress = {
  line1: "1 Analytical Way",
  city: "New York",
  region: "NY",
  postalCode: "10001",
  country: "US",
};
const card = { number: "4242424242424242", expiryMonth: 12, expiryYear: 2035, cvc: "123" };

interface Order {
  readonly id: string;
  readonly status: string;
  readonly discount: { readonly amount: string };
}

/** Buys five pieces as a guest. */
async function buy(shop: RunningProject): Promise<{ order: Order; token: string }> {
  const { token } = await shop.ask<{ token: string }>("POST", "/api/users/guest", {});
  const { items } = await shop.ask<{ items: { id: string }[] }>("GET", "/api/products?limit=1&inStock=true");
  const order = await shop.ask<Order>(
    "POST",
    "/api/orders",
    {
      email: "ada@example.com",
      shippingAddress,
      payment: { type: "card", card },
      items: [{ productId: items[0]?.id, quantity: 5 }],
    },
    token,
  );
  return { order, token };
}

/** The life of a project: tested, started, bought in, and upgraded by raising the version. */
async function liveThrough(project: Project, steps: Steps, folder: string): Promise<void> {
  await steps.try("`npm test` passes in the new project", () => project.run("npm", "test"));
  const shop = await steps.must("`npm start` opens its shop", () => project.start());
  const bought = await steps.try("people see the shop's own name and buy with its own discount", async () => {
    const page = await shop.text("/");
    if (!page.includes("Olive Shop")) throw new Error("The home page does not name Olive Shop.");
    const made = await buy(shop);
    if (Number(made.order.discount.amount) <= 0)
      throw new Error("The example's discount is not on the order.");
    return made;
  });
  await shop.end();
  const second = await steps.must("a later version packs", () => pack("0.1.1", folder));
  await steps.try("raising the version and starting again keeps everything", async () => {
    await project.use(second);
    const upgraded = await project.start();
    try {
      if (bought) await upgraded.ask("GET", `/api/orders/${bought.order.id}`, undefined, bought.token);
      await buy(upgraded);
    } finally {
      await upgraded.end();
    }
  });
}

const guides = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), "stoa-package-"));
const steps = new Steps();
try {
  const first = await steps.must("the repository packs into one file", () => pack("0.1.0", folder));
  const project = await steps.must("`stoa new` makes a project that installs", () =>
    newProject(first, folder, "olive-shop"),
  );
  if (guides.length === 0) await liveThrough(project, steps, folder);
  await followGuides(project, steps, guides);
} catch (error) {
  if (!steps.knows(error)) throw error;
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = steps.report();
