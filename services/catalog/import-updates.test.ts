// What an import makes of products that are there, and of files as people have them.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { importFile, type ImportFault } from "./import.ts";
import { findProduct } from "./product-store.ts";
import { addProduct, testContext } from "./testing/catalog-context.ts";
import { findWrongBooks } from "./testing/books-store.ts";

const base = await testContext();
const folder = await mkdtemp(join(tmpdir(), "stoa-import-updates-"));
after(() => rm(folder, { recursive: true }));

const noted: string[] = [];
const ctx: typeof base = {
  ...base,
  note: (_tx, _cause, ids) => {
    noted.push(...ids);
    return Promise.resolve();
  },
};

async function take(content: string | Uint8Array, name = "file.csv", encoding?: string) {
  const path = join(folder, name);
  await writeFile(path, content);
  const faults: ImportFault[] = [];
  const { created, updated, unchanged, refused } = await importFile(ctx, path, () => undefined, {
    encoding,
    onFault: (fault) => faults.push(fault),
  });
  return { created, updated, unchanged, refused, faults };
}

async function show(key: string) {
  const product = await findProduct(ctx.db, /^[0-9a-f-]{36}$/.test(key) ? { id: key } : { text: key });
  assert.ok(product, `${key} must be there`);
  return product;
}

const full = {
  description: "A long text\nof two lines.",
  imageUrl: "/static/x.svg",
  attributes: { colour: "red", weight: 28, sizes: ["s", "m"], one: ["only"], deep: { a: [true] } },
  keywords: "own words",
  category: "wear",
  categories: ["tops", "Übergrößen"],
  variants: [
    { sku: "KEEP-S", options: { size: "S" }, stockQuantity: 5n },
    { sku: "KEEP-M", options: { size: "M" }, stockQuantity: 7n },
  ],
};

test("absent columns keep what is there, an empty cell empties what may be empty, and nothing is written twice", async () => {
  const id = await addProduct(ctx, { name: "Keeper", code: "KEEPPROD01", ...full });
  const before = await show(id);
  assert.equal((await take("sku\nKEEP-S\nKEEP-M\n")).unchanged, 1);
  assert.equal((await take("code,name,price,category\nKEEPPROD01,Keeper,19.99,wear")).unchanged, 1);
  assert.deepEqual(await show(id), before);
  assert.deepEqual(noted, []);
  const csv = "name,price,category,sku\nKeeper Two,25,Wear,KEEP-S\n";
  assert.equal((await take(csv)).updated, 1);
  const { name, priceMinor, updatedAt: _at, variants, ...rest } = await show(id);
  assert.deepEqual([name, priceMinor], ["Keeper Two", 2500n]);
  assert.deepEqual(
    variants.map((variant) => [variant.sku, variant.options, variant.priceMinor, variant.stock]),
    [
      ["KEEP-S", { size: "S" }, 2500, 5],
      // It cost what the product cost, and goes with it.
      ["KEEP-M", { size: "M" }, 2500, 7],
    ],
  );
  const { name: _n, priceMinor: _p, updatedAt: _u, variants: _v, ...restBefore } = before;
  assert.deepEqual(rest, restBefore);
  const keywords = async () =>
    await ctx.db.row<{ keywords: string }>("select keywords from products where id = $1", [id]);
  assert.match((await keywords())?.keywords ?? "", /^own words /);
  noted.length = 0;
  assert.equal((await take(csv)).unchanged, 1);
  assert.deepEqual(noted, []);
  await take(
    "code,name,description,imageUrl,categories,keywords,attributes.colour,attributes.weight\nKEEPPROD01,,,,,,,28",
  );
  const emptied = await show(id);
  assert.deepEqual(
    [emptied.name, emptied.description, emptied.imageUrl, emptied.categories],
    ["Keeper Two", "", "", ["wear"]],
  );
  const { colour: _colour, ...others } = full.attributes;
  assert.deepEqual(emptied.attributes, others);
  assert.doesNotMatch((await keywords())?.keywords ?? "", /own words/);
});

test("a SKU with a price or a stock is enough; rows of one product are its variants, wherever they stand", async () => {
  const id = await addProduct(ctx, {
    name: "By SKU",
    code: "SKUPROD001",
    ...full,
    variants: [
      { sku: "SK-S", options: { size: "S" }, stockQuantity: 5n },
      { sku: "SK-M", options: { size: "M" }, stockQuantity: 7n },
    ],
  });
  const before = await show(id);
  const stockOnly = await take("sku,stockQuantity\nSK-M,9\nSK-S,\nNONE-1,4\n");
  assert.deepEqual([stockOnly.updated, stockOnly.refused, stockOnly.faults[0]?.line], [1, 1, 4]);
  assert.match(stockOnly.faults[0]?.reasons.join() ?? "", /NONE-1 is of no product of the shop/);
  const after = await show(id);
  assert.deepEqual(
    after.variants.map(({ stock }) => stock),
    [5, 9],
  );
  assert.deepEqual(after.updatedAt, before.updatedAt);
  const priced = await take("sku,price\nSK-M,30\nSK-S,31\n");
  assert.equal(priced.updated, 1);
  assert.deepEqual(
    (await show(id)).variants.map(({ priceMinor }) => priceMinor),
    [3100, 3000],
  );
  const further =
    "code,sku,price,options.size\nSKUPROD001,SK-L,40,L\nSKUPROD001,SK-XL,41,L\nSKUPROD001,SK-XXL,42,XXL\n";
  const added = await take(further);
  assert.deepEqual([added.updated, added.faults.map(({ line }) => line)], [1, [3]]);
  assert.match(added.faults[0]?.reasons.join() ?? "", /options must differ/);
  assert.deepEqual(
    (await show(id)).variants.map(({ sku }) => sku),
    ["SK-S", "SK-M", "SK-L", "SK-XXL"],
  );
  assert.deepEqual(await findWrongBooks(ctx.db), []);
});

test("in JSON a SKU with a price or a stock is enough too, and absent fields keep", async () => {
  const id = await addProduct(ctx, {
    name: "JSON keeper",
    code: "JSONKEEP01",
    ...full,
    variants: [
      { sku: "JK-S", options: { size: "S" }, stockQuantity: 5n },
      { sku: "JK-M", options: { size: "M" }, stockQuantity: 7n },
    ],
  });
  const before = await show(id);
  const lines = [
    '{"sku":"JK-S","stockQuantity":6}',
    '{"sku":"JK-M","price":"44.00"}',
    '{"code":"JSONKEEP01"}',
  ];
  assert.deepEqual((await take(lines.slice(0, 2).join("\n"), "file.ndjson")).updated, 1);
  assert.equal((await take(lines.join("\n"), "file.ndjson")).refused, 1);
  const { variants, updatedAt: _at, ...rest } = await show(id);
  assert.deepEqual(
    variants.map(({ priceMinor, stock }) => [priceMinor, stock]),
    [
      [1999, 6],
      [4400, 7],
    ],
  );
  const { variants: _variants, updatedAt: _before, ...restBefore } = before;
  assert.deepEqual(rest, restBefore);
  assert.equal(
    (await take('[{"code":"JSONKEEP01","description":null,"imageUrl":null}]', "file.json")).updated,
    1,
  );
  const { description, imageUrl, attributes } = await show(id);
  assert.deepEqual([description, imageUrl, attributes], ["", "", full.attributes]);
});

test("a product without a SKU of its own gets one from a file, and keeps its one variant", async () => {
  const id = await addProduct(ctx, { name: "Plain", code: "PLAINCODE1", stockQuantity: 3n });
  assert.equal((await take("code,sku,stockQuantity\nPLAINCODE1,PLAIN-1,4")).updated, 1);
  const { variants } = await show(id);
  assert.deepEqual(
    variants.map(({ id: variantId, sku, stock }) => [variantId, sku, stock]),
    [[id, "PLAIN-1", 4]],
  );
});

test("files that know only names make no duplicates; one name in two categories is two products", async () => {
  const csv =
    "name,price,category,stockQuantity\nOld Mug,8,Kitchen,3\nOld Mug,9,Gifts,4\nOld Vase,10,Gifts,1\n";
  assert.equal((await take(csv)).created, 3);
  assert.deepEqual(await take(csv), { created: 0, updated: 0, unchanged: 3, refused: 0, faults: [] });
  assert.equal((await take("name,price\nold  vase,12\n")).updated, 1);
  const unclear = await take("name,price\nOld Mug,12\n");
  assert.match(unclear.faults[0]?.reasons.join() ?? "", /name is that of 2 products/);
  const twice = await take("name,price,category\nOld Vase,12,Gifts\nOld Vase,13,Gifts\n");
  assert.deepEqual([twice.unchanged, twice.refused], [1, 1]);
});

test("encodings are recognised by mark or by what is there, or the line is refused; separators are seen", async () => {
  const row = (separator: string, code: string) =>
    ["code", "name", "price", "category"].join(separator) +
    "\r\n" +
    [code, "Crème Brûlée – groß", "1,50", "sweets"]
      .map((cell) => (separator === "," && cell.includes(",") ? `"${cell}"` : cell))
      .join(separator) +
    "\r\n";
  const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, "utf16le");
  const western = (text: string) => Buffer.from(text.replace("–", "\u0096"), "latin1");
  const files: [string, Uint8Array | string][] = [
    ["ENCODING01", row(",", "ENCODING01")],
    ["ENCODING02", `\ufeff${row(";", "ENCODING02")}`],
    ["ENCODING03", utf16(row("\t", "ENCODING03"))],
    ["ENCODING04", utf16(row(",", "ENCODING04")).swap16()],
    ["ENCODING05", western(row(";", "ENCODING05"))],
    ["ENCODING08", utf16(row(",", "ENCODING08")).subarray(2)],
    ["ENCODING06", `sep=;\r\n${row(";", "ENCODING06")}`],
    ["ENCODING07", row(",", "ENCODING07").replaceAll("\r\n", "\r")],
  ];
  for (const [code, file] of files) {
    assert.deepEqual((await take(file)).faults, [], code);
    const { name, priceMinor } = await show(code);
    assert.deepEqual([name, priceMinor], ["Crème Brûlée – groß", 150n], code);
  }
  const lines = [
    "code,name,price,category",
    "ENCODING11,Tee,1,tee",
    "ENCODING12,Käse,1,tee",
    "ENCODING13,Öl,1,tee",
    "ENCODING14,Salz,1,tee",
  ];
  const mixed = Buffer.concat(
    lines.map((line, index) => Buffer.from(`${line}\n`, index === 2 ? "latin1" : "utf8")),
  );
  const { created, faults } = await take(Buffer.concat([mixed, Buffer.from("ENCODING15,Grün,1,tee\n")]));
  assert.deepEqual([created, faults.map(({ line }) => line)], [4, [3]]);
  assert.match(faults[0]?.reasons.join() ?? "", /is not UTF-8 text/);
  const cyrillic = Buffer.from([0xd7, 0xe0, 0xe9, 0xed, 0xe8, 0xea]);
  const foreign = Buffer.concat([
    Buffer.from("code,name,price,category\nENCODING21,"),
    cyrillic,
    Buffer.from(",1,tee\n"),
  ]);
  assert.equal((await take(foreign)).refused, 1);
  assert.equal((await take(foreign, "file.csv", "windows-1251")).created, 1);
  assert.equal((await show("ENCODING21")).name, "Чайник");
  const json = Buffer.from('{"code":"ENCODING31","name":"Käse","price":"1","category":"tee"}\n', "latin1");
  assert.equal((await take(json, "file.ndjson")).refused, 1);
  const stored = await ctx.db.row("select count(*) as count from products where name like '%\ufffd%'");
  assert.deepEqual(stored, { count: 0n });
});

test("a lone quotation mark in row 6 of 3,000 costs that row", async () => {
  const rows = Array.from({ length: 3_000 }, (_, index) => {
    const code = `LONE${String(index).padStart(6, "0")}`;
    return index === 5
      ? `${code},"Lone,1,lone,text`
      : `${code},"Name, ${index}",1,lone,"two\nlines ""${index}"""`;
  });
  const { created, refused, faults } = await take(
    ["code,name,price,category,description", ...rows].join("\n"),
  );
  assert.deepEqual([created, refused, faults.length], [2_999, 1, 1]);
  assert.equal((await show("LONE002999")).description, 'two\nlines "2999"');
});

/** A row of a table that is right, and what it says. */
interface Row {
  readonly name: string;
  readonly description: string;
  readonly price: number;
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

test("whatever is damaged in a file, it loses no more lines than were damaged", async () => {
  const word = fc.constantFrom("tea", "Tasse", "чай", "茶", 'a "b" c', "5\u2033", "semi;colon", "com,ma");
  const row: fc.Arbitrary<Row> = fc.record({
    name: fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(" ")),
    description: fc.array(word, { maxLength: 4 }).map((words) => words.join("\n")),
    price: fc.integer({ min: 1, max: 99_999 }),
  });
  const damage = fc.constantFrom<(line: string) => string>(
    (line) => line.replace(/,"/, ',""'),
    (line) => line.replace(/",/, ","),
    (line) => `${line},"open`,
    (line) => line.replace(/,/, ',"'),
    (line) => line.replaceAll(",", " "),
    (line) => line.slice(0, line.length / 2),
    (line) => `${line},"x"y"`,
    (line) => `"${line}`,
  );
  let round = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 3, maxLength: 12 }),
      fc.array(fc.tuple(fc.nat(), damage), { maxLength: 3 }),
      async (rows, damages) => {
        round += 1;
        const codeOf = (index: number) =>
          `P${String(round).padStart(4, "0")}${String(index).padStart(5, "0")}`;
        const lines = rows.map(
          ({ name, description, price }, index) =>
            `${codeOf(index)},${quoted(name)},${(price / 100).toFixed(2)},damage,${quoted(description)}`,
        );
        const damaged = new Map(damages.map(([at, break_]) => [at % lines.length, break_]));
        for (const [index, break_] of damaged) lines[index] = break_(lines[index] ?? "");
        await take(`code,name,price,category,description\n${lines.join("\n")}\n`);
        for (const [index, { name, description, price }] of rows.entries()) {
          if (damaged.has(index)) continue;
          const found = await show(codeOf(index));
          assert.deepEqual(
            [found.name, found.description, found.priceMinor],
            [name, description, BigInt(price)],
            lines.join("\n"),
          );
        }
      },
    ),
    { numRuns: 25 },
  );
});

test("rows below each other with options and one name, or none, are variants of one product; two names are two products", async () => {
  const csv = [
    "name,price,category,sku,options.size,stockQuantity",
    "Row Tee,10,Wear,RT-S,S,1",
    ",,,RT-M,M,2",
    "row  tee,12,wear,RT-L,L,3",
    "Row Cap,9,Wear,RC-S,S,4",
    "Row Cap,9,Caps,RC-OTHER,S,5",
    "Row Tee,10,Wear,RT-AGAIN,S,6",
  ].join("\n");
  const [first, second] = [await take(csv), await take(csv)];
  assert.deepEqual([first.created, first.faults], [4, []]);
  assert.deepEqual([second.created, second.updated, second.unchanged, second.faults], [0, 0, 4, []]);
  const skusOf = async (sku: string) => {
    const row = await ctx.db.row<{ skus: string[] }>(
      `select array_agg(sku order by position) as skus from product_variants
       where product_id = (select product_id from product_variants where sku = $1)`,
      [sku],
    );
    return row?.skus;
  };
  assert.deepEqual(await skusOf("RT-S"), ["RT-S", "RT-M", "RT-L"]);
  assert.deepEqual(await skusOf("RC-OTHER"), ["RC-OTHER"]);
  assert.deepEqual(await skusOf("RT-AGAIN"), ["RT-AGAIN"]);
  const more = await take("name,sku,options.size\nRow Tee,RT-S,S\n,RT-XL,XL\n");
  assert.deepEqual(
    [more.updated, more.faults, await skusOf("RT-S")],
    [1, [], ["RT-S", "RT-M", "RT-L", "RT-XL"]],
  );
});

test("a row without a name goes to nobody else's product when a line before it is left out; one with the name still finds its own", async () => {
  const { created, faults } = await take(
    [
      "name,price,category,sku,options.size",
      "Cut Tee,10,Wear,CT-S,S",
      "Cut Cap,what,Wear,CC-S,S",
      ",,,CC-M,M",
      "Cut Tee,10,Wear,CT-M,M",
      ",,,CT-L,L",
    ].join("\n"),
  );
  assert.deepEqual([created, faults.map(({ line }) => line)], [1, [3, 4]]);
  const { variants } = await show("cut-tee");
  assert.deepEqual(
    variants.map(({ sku }) => sku),
    ["CT-S", "CT-M", "CT-L"],
  );
});

test("variants of one product go on over the parts in which a file is written", async () => {
  const rows = Array.from({ length: 1_100 }, (_, row) => {
    const [product, size] = [Math.floor(row / 3), row % 3];
    return `${size === 0 ? `Long ${product}` : ""},${size === 0 ? "5,Wear" : ","},LONG-${product}-${size},${size}`;
  });
  const { created, faults } = await take(`name,price,category,sku,options.size\n${rows.join("\n")}\n`);
  assert.deepEqual([created, faults], [367, []]);
});
