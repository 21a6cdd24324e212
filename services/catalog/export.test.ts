// What goes out comes in again: unchanged into the same shop, and the same into an empty one.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { JsonValue } from "@bufbuild/protobuf";
import fc from "fast-check";
import { money } from "#platform/kit/money.ts";
import type { CatalogContext } from "./context.ts";
import { exportProducts, productFormats, type ProductFormat } from "./export.ts";
import { importFile, type ImportFault } from "./import.ts";
import { addProduct, testContext } from "./testing/catalog-context.ts";
import type { ProductInput } from "./product-draft.ts";

const shop = await testContext();
const empty = await testContext();
const folder = await mkdtemp(join(tmpdir(), "stoa-export-"));
after(() => rm(folder, { recursive: true }));

async function exported(ctx: CatalogContext, format: ProductFormat): Promise<string> {
  const parts: string[] = [];
  const write = (text: string) => {
    parts.push(text);
    return Promise.resolve();
  };
  await exportProducts(ctx.db, format, write, () => undefined);
  return parts.join("");
}

async function take(ctx: CatalogContext, format: ProductFormat, text: string) {
  const path = join(folder, `file.${format}`);
  await writeFile(path, text);
  const faults: ImportFault[] = [];
  const { created, updated, unchanged } = await importFile(ctx, path, () => undefined, {
    onFault: (fault) => faults.push(fault),
  });
  assert.deepEqual(faults, []);
  return { created, updated, unchanged };
}

async function removeAll(ctx: CatalogContext): Promise<void> {
  await ctx.db.run("update product_variants set deleted_at = now() where deleted_at is null");
  await ctx.db.run("update products set deleted_at = now() where deleted_at is null");
}

const state = async (ctx: CatalogContext) =>
  await ctx.db.rows(
    `select p.*, (select array_agg(v order by v.id) from product_variants as v where v.product_id = p.id) as variants,
            (select array_agg(s order by s.variant_id) from stock as s where s.product_id = p.id) as stocks,
            (select array_agg(m order by m.position) from product_categories as m where m.product_id = p.id) as places
     from products as p where deleted_at is null order by id`,
  );

const hard = fc.constantFrom(
  "plain",
  "=1+1",
  "-5",
  "+49 30",
  "@sum",
  "'=x",
  "''",
  'say "hi"',
  "a,b;c\td".replace("\t", " "),
  "one|two",
  "[1, 2]",
  "{broken",
  "茶具",
  "Чай",
  "5.0",
  "true",
  "sep=;",
  " padded ",
);

const product = fc.record({
  name: fc.tuple(hard, hard).map((words) => words.join(" ").trim()),
  description: fc.array(hard, { maxLength: 4 }).map((lines) => lines.join("\r\n")),
  category: fc.constantFrom("C", "C++", "C#", "Tea ware", "tea-ware", "Чай", "A|B", "Hi Fi", "Hi-Fi"),
  categories: fc.uniqueArray(fc.constantFrom("Gifts", "gifts!", "茶具"), { maxLength: 2 }),
  keywords: fc.constantFrom("", "own words", "=cmd"),
  attributes: fc.dictionary(
    fc.constantFrom("colour", "Größe", "a.b", "材质"),
    fc.oneof(
      hard,
      fc.integer(),
      fc.boolean(),
      fc.array(hard, { maxLength: 3 }),
      fc.constant<JsonValue>({ deep: ["x"] }),
    ),
    { maxKeys: 3 },
  ),
  minor: fc.integer({ min: 0, max: 99_999 }),
  variants: fc.array(fc.tuple(fc.integer({ min: 0, max: 9_999 }), fc.integer({ min: 0, max: 50 })), {
    maxLength: 3,
  }),
});

test("an export of any products changes nothing where it came from, and makes the same of an empty shop", async () => {
  let serial = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(product, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(...productFormats),
      async (products, format) => {
        await Promise.all([removeAll(shop), removeAll(empty)]);
        for (const { minor, variants, ...rest } of products) {
          serial += 1;
          const input: Partial<ProductInput> = {
            ...rest,
            price: money("USD", BigInt(minor)),
            code: `EX${String(serial).padStart(8, "0")}`,
            ...(variants.length === 0 ? { stockQuantity: 3n } : {}),
            variants: variants.map(([price, stock], index) => ({
              sku: `=EX ${serial}-${index}`,
              options: { size: `=${index}`, "Farbe, innen": "rot" },
              ...(price % 2 === 0 ? { price: money("USD", BigInt(price)) } : {}),
              stockQuantity: BigInt(stock),
            })),
          };
          await addProduct(shop, input);
        }
        const out = await exported(shop, format);
        const before = await state(shop);
        assert.equal((await take(shop, format, out)).unchanged, products.length);
        assert.deepEqual(await state(shop), before);
        assert.equal((await take(empty, format, out)).created, products.length);
        assert.equal(await exported(empty, format), out);
        assert.equal((await take(empty, format, out)).unchanged, products.length);
      },
    ),
    { numRuns: 12 },
  );
});

test("no cell of a table is a formula", async () => {
  await removeAll(shop);
  await addProduct(shop, {
    name: "=HYPERLINK(1)",
    description: "@x",
    attributes: { a: "+1" },
    category: "-x y",
  });
  const [head = "", row = ""] = (await exported(shop, "csv")).split("\r\n");
  assert.match(head, /^code,slug,name,description,category,/);
  for (const cell of row.split(",")) assert.doesNotMatch(cell, /^"?[=+\-@]/);
});

test("names of categories come with them into another shop, and what is there meanwhile is not seen", async () => {
  await Promise.all([removeAll(shop), removeAll(empty)]);
  await addProduct(shop, { category: "R&B / Soul", code: "EXPORTNAME" });
  const out: string[] = [];
  await exportProducts(
    shop.db,
    "csv",
    async (text) => {
      if (out.length === 0) await addProduct(shop, { code: "EXPORTLATE" });
      out.push(text);
    },
    () => undefined,
  );
  assert.doesNotMatch(out.join(""), /EXPORTLATE/);
  await take(empty, "csv", out.join(""));
  assert.deepEqual(await empty.db.row("select name from categories where slug = 'r-b-soul'"), {
    name: "R&B / Soul",
  });
});
