import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { defineShop, type ShopFile } from "#platform/kit/shop-file.ts";
import { StartError } from "#platform/kit/start-error.ts";

/** The shop file of the folder the program runs in; without one, the shop as it comes. */
export async function loadShop(folder: string): Promise<ShopFile> {
  const path = ["shop.ts", "shop.js", "shop.mjs"]
    .map((name) => join(folder, name))
    .find((file) => existsSync(file));
  if (path === undefined) return (await import("../shop.ts")).shop;
  const { shop } = (await import(pathToFileURL(path).href)) as { shop?: ShopFile };
  if (shop?.choices === undefined)
    throw new StartError(`${path} must export \`shop\`, made with ${defineShop.name}({ … }).`);
  return shop;
}
