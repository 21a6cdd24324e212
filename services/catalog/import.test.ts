import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { newId } from "#platform/kit/ids.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { findWrongBooks } from "./testing/books-store.ts";
import { importFile, type ImportFault, type ImportOptions } from "./import.ts";
import { findProduct } from "./product-store.ts";
import { reserveStock } from "./stock-store.ts";
import { parseDemand } from "./stock.ts";
import { addProduct, testContext } from "./testing/catalog-context.ts";

const ctx = await testContext();
const folder = await mkdtemp(join(tmpdir(), "stoa-import-"));
after(() => rm(folder, { recursive: true }));

async function importText(name: string, text: string | Uint8Array, options: ImportOptions = {}) {
  const path = join(folder, name);
  await writeFile(path, text);
  const faults: ImportFault[] = [];
  const progress: unknown[] = [];
  const counts = await importFile(ctx, path, (now) => progress.push(now), {
    ...options,
    onFault: (fault) => faults.push(fault),
  });
  assert.deepEqual(progress.at(-1), counts);
  const { created, updated, unchanged, refused } = counts;
  return { created, updated, unchanged, refused, faults };
}

async function get(code: string) {
  const product = await findProduct(ctx.db, { text: code });
  assert.ok(product, `${code} must be there`);
  return product;
}

test("a CSV file becomes products with variants, attributes and stock, and a repeat changes nothing", async () => {
  const csv = [
    "\ufeffcode,Name,description,price,currency,category,categories,image_url,sku,stock quantity,attributes.colour,options.size",
    'CSVPLAIN01,"Lamp, ""tall""","Two\nlines",19.99,USD,Lighting,home|Reading Corner,/static/lamp.svg,,5,red|blue,',
    "CSVSIZES01,Shirt,,10,,clothing,,,SHIRT-S,1,,S",
    "CSVSIZES01,,,12.50,,,,,SHIRT-M,2,,M",
    "",
    ",Made Code,,3,,clothing,,,,,,",
  ].join("\r\n");
  assert.deepEqual(await importText("shop.csv", csv), {
    created: 3,
    updated: 0,
    unchanged: 0,
    refused: 0,
    faults: [],
  });
  const lamp = await get("CSVPLAIN01");
  assert.equal(lamp.name, 'Lamp, "tall"');
  assert.equal(lamp.description.replace("\r", ""), "Two\nlines");
  assert.deepEqual(lamp.categories, ["lighting", "home", "reading-corner"]);
  assert.deepEqual(lamp.attributes, { colour: ["red", "blue"] });
  assert.equal(lamp.variants[0]?.stock, 5);
  const shirt = await get("CSVSIZES01");
  assert.deepEqual(
    shirt.variants.map(({ sku, options, priceMinor, stock }) => [sku, options, priceMinor, stock]),
    [
      ["SHIRT-S", { size: "S" }, 1000, 1],
      ["SHIRT-M", { size: "M" }, 1250, 2],
    ],
  );
  assert.equal(shirt.variants[0]?.id, shirt.id);
  assert.deepEqual(await importText("shop.csv", csv), {
    created: 0,
    updated: 0,
    unchanged: 3,
    refused: 0,
    faults: [],
  });
  assert.deepEqual([await get("CSVPLAIN01"), await get("CSVSIZES01")], [lamp, shirt]);
  assert.deepEqual(await findWrongBooks(ctx.db), []);
});

test("bad rows are refused with line and reason; good rows around them are written", async () => {
  const csv = [
    "code,name,price,category,sku,stockQuantity,options.size",
    "CSVGOOD001,Good,1,things,,,",
    "CSVBAD0001,,1,things,,,",
    "CSVBAD0002,Bad,1.999,things,,,",
    "",
    "CSVBAD0003,Bad,-1,things,,,",
    "CSVBAD0004,Bad,1,,,,",
    '"CSVBAD0005","Bad",1,"things\n",,many,',
    "CSVBAD0006,Bad,1,things,DOUBLE,1,S",
    "CSVBAD0006,Bad,1,things,DOUBLE,1,M",
    "CSVGOOD001,Again,1,things,,,",
    "CSVGOOD002,Good,1,things,,,",
  ].join("\n");
  const { created, refused, faults } = await importText("bad.csv", csv);
  assert.deepEqual([created, refused], [3, 7]);
  assert.deepEqual(
    faults.map(({ line }) => line).toSorted((a, b) => a - b),
    [3, 4, 6, 7, 8, 11, 12],
  );
  assert.match(
    faults.find(({ line }) => line === 8)?.reasons.join() ?? "",
    /stockQuantity must be a whole number/,
  );
  assert.equal((await get("CSVGOOD001")).name, "Good");
  assert.deepEqual(
    (await get("CSVBAD0006")).variants.map(({ sku, options }) => [sku, options]),
    [["DOUBLE", { size: "S" }]],
  );
  for (let bad = 1; bad <= 5; bad += 1)
    assert.equal(await findProduct(ctx.db, { text: `CSVBAD000${bad}` }), undefined);
});

test("quotation marks inside a text are taken as they are; one that is never closed costs its line and no other", async () => {
  const csv = [
    "code,name,price,category",
    'CSVQUOTE01,A 5" "big" one,1,things',
    'CSVQUOTE02,"B" bad,1,things',
    "CSVQUOTE05,Fine again,1,things",
    'CSVQUOTE03,"never closed,1,things',
    "CSVQUOTE04,Swallowed by nothing,1,things",
  ].join("\n");
  const { created, faults } = await importText("quotes.csv", csv);
  assert.equal(created, 4);
  assert.equal((await get("CSVQUOTE04")).name, "Swallowed by nothing");
  assert.equal((await get("CSVQUOTE02")).name, '"B" bad');
  assert.equal((await get("CSVQUOTE05")).name, "Fine again");
  assert.equal((await get("CSVQUOTE01")).name, 'A 5" "big" one');
  assert.deepEqual(
    faults.map(({ line, reasons, source }) => [line, source, ...reasons]),
    [[5, 'CSVQUOTE03,"never closed,1,things', "begins a text in quotation marks that does not end"]],
  );
});

test("strict stops at the first bad row and says where", async () => {
  const csv =
    "code,name,price,category\nCSVSTRICT1,Fine,1,things\nCSVSTRICT2,,1,things\nCSVSTRICT3,Fine,1,things";
  await assert.rejects(importText("strict.csv", csv, { isStrict: true }), (error) => {
    assert.ok(error instanceof StartError);
    assert.match(error.message, /line 3: name/);
    return true;
  });
  assert.equal(await findProduct(ctx.db, { text: "CSVSTRICT3" }), undefined);
});

test("products are found by SKU too; slugs and SKUs of others, and stock that is reserved, are refused", async () => {
  const id = await addProduct(ctx, {
    name: "By SKU",
    slug: "by-sku",
    variants: [{ sku: "BY-SKU", options: {}, stockQuantity: 5n }],
  });
  await reserveStock(ctx.db, newId(), parseDemand([{ variantId: id, quantity: 3n }]), 900);
  const csv = [
    "code,slug,name,price,category,sku,stockQuantity",
    ",,By SKU Two,7,things,BY-SKU,4",
    "CSVOTHER01,,Other,7,things,BY-SKU,",
    "CSVOTHER02,by-sku,Other,7,things,,",
    ",,By SKU Three,8,things,BY-SKU,2",
  ].join("\n");
  const { updated, refused, faults } = await importText("sku.csv", csv);
  assert.deepEqual([updated, refused], [1, 3]);
  assert.match(faults[0]?.reasons.join() ?? "", /BY-SKU belongs to another product/);
  assert.match(faults[1]?.reasons.join() ?? "", /slug belongs to another product/);
  const product = await findProduct(ctx.db, { id });
  assert.equal(product?.name, "By SKU Two");
  assert.equal(product?.variants[0]?.stock, 1);
  assert.deepEqual(
    (await importText("less.csv", "name,price,category,sku,stockQuantity\nX,8,things,BY-SKU,2")).refused,
    1,
  );
});

test("JSON lists and NDJSON lines are read alike, strictly, across any borders of chunks", async () => {
  const product = (code: string, more: object = {}) => ({
    code,
    name: `JSON "{${code}}" \\`,
    price: { amount: "5.00", currencyCode: "USD" },
    category: "json",
    variants: [{ sku: `${code}-S`, options: { size: "S" }, stockQuantity: 2 }],
    description: '[{"é\u{1f375}'.repeat(800),
    ...more,
  });
  const codes = Array.from({ length: 120 }, (_, index) => `JSON${String(index).padStart(6, "0")}`);
  const asList = await importText(
    "list.json",
    JSON.stringify(
      codes.map((code) => product(code)),
      null,
      2,
    ),
  );
  assert.deepEqual(asList, { created: 120, updated: 0, unchanged: 0, refused: 0, faults: [] });
  const asLines = await importText(
    "lines.ndjson",
    codes.map((code) => JSON.stringify(product(code))).join("\n"),
  );
  assert.deepEqual(asLines, { created: 0, updated: 0, unchanged: 120, refused: 0, faults: [] });
  const bad = [
    { price: "5" },
    { price: 5 },
    { colour: "red" },
    { stockQuantity: "3" },
    { variants: [{ sku: "JSON-BAD", options: { size: 3 } }] },
    { variants: "none" },
  ].map((more, index) => JSON.stringify(product(`JSONBAD00${index}`, { variants: [], ...more })));
  const { created, faults } = await importText("bad.ndjson", [...bad, "{ not json }", '{"cut":'].join("\n"));
  assert.equal(created, 1);
  assert.deepEqual(
    faults.map(({ line }) => line),
    [2, 3, 4, 5, 6, 7, 8],
  );
});

test("what is no file, of no known kind or without the needed columns is refused in a sentence", async () => {
  await assert.rejects(
    importFile(ctx, join(folder, "none.csv"), () => undefined),
    /There is no file/,
  );
  await assert.rejects(importText("shop.xlsx", "x"), /of no kind that can be imported/);
  await assert.rejects(importText("empty.csv", ""), /first line must name the columns/);
  await assert.rejects(importText("cols.csv", "price,category\n1,a"), /one of code, slug, sku or name/);
  await assert.rejects(
    importText("cols.csv", "name,price,category,weight\nA,1,b,2"),
    /"weight" is not known/,
  );
});

test("an import and admins that write the same goods at once end without a lost or half product", async () => {
  const rows = Array.from(
    { length: 60 },
    (_, index) => `,Contested ${index % 10},1,contest,CONTEST-${index},1`,
  );
  const csv = ["code,name,price,category,sku,stockQuantity", ...rows].join("\n");
  const writes = Array.from({ length: 30 }, (_, index) =>
    addProduct(ctx, { name: `Contested ${index % 10}`, category: "contest" }),
  );
  const [{ created, updated, refused }] = await Promise.all([importText("contest.csv", csv), ...writes]);
  assert.deepEqual([created, updated, refused], [60, 0, 0]);
  const row = await ctx.db.row(
    "select count(*) as count, count(distinct slug) as slugs from products where category = 'contest'",
  );
  assert.deepEqual(row, { count: 90n, slugs: 90n });
  assert.deepEqual(await findWrongBooks(ctx.db), []);
});

test("the sample file of the documentation is imported as it stands, and again without a change", async () => {
  const sample = await readFile(new URL("../../docs/samples/products.csv", import.meta.url));
  assert.deepEqual(await importText("sample.csv", sample), {
    ...{ created: 2, updated: 0, unchanged: 0, refused: 0, faults: [] },
  });
  assert.equal((await importText("sample.csv", sample)).unchanged, 2);
  const mug = await get("SAMPLEMUG1");
  assert.equal(mug.description, 'Holds 300 ml.\nMade "by hand".');
  assert.deepEqual(mug.categories, ["tableware", "gifts", "茶具"]);
  assert.deepEqual(
    (await get("SAMPLETEE1")).variants.map(({ sku, priceMinor }) => [sku, priceMinor]),
    [
      ["SAMPLE-TEE-S", 2200],
      ["SAMPLE-TEE-M", 2200],
      ["SAMPLE-TEE-XL", 2400],
    ],
  );
});
