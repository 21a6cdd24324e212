import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "#platform/kit/errors.ts";
import { money } from "#platform/kit/money.ts";
import { parseProduct, type ProductInput } from "./product-draft.ts";
import { ProductFields } from "./product-fields.ts";
import { productWrite } from "./testing/catalog-context.ts";

function faultPaths(changes: Partial<ProductInput>): string[] {
  try {
    parseProduct(productWrite(changes), "USD", new ProductFields());
    return [];
  } catch (error) {
    assert.ok(error instanceof AppError);
    return error.violations.map(({ path }) => path);
  }
}

const variant = { sku: "A", options: {} };
const sized = (sku: string, options: { [name: string]: string }) => ({ sku, options });

test("each field has its bounds, and a wrong one is named by its path", () => {
  const table: [Partial<ProductInput>, string[]][] = [
    [{}, []],
    [{ name: "x".repeat(200) }, []],
    [{ name: "x".repeat(201) }, ["name"]],
    [{ description: "line one\nline two\ttabbed" }, []],
    [{ description: "x".repeat(10_001) }, ["description"]],
    [{ price: undefined }, ["price"]],
    [{ price: money("USD", 0n) }, []],
    [{ price: money("USD", -1n) }, ["price.amount"]],
    [{ price: money("USD", 999_999_999_999n) }, []],
    [{ price: money("USD", 1_000_000_000_000n) }, ["price.amount"]],
    [{ category: "!!!" }, ["category"]],
    [{ categories: ["ok", "???"] }, ["categories[1]"]],
    [{ categories: Array.from({ length: 21 }, (_, index) => `c${index}`) }, ["categories"]],
    [{ stockQuantity: 1_000_000_000n }, []],
    [{ stockQuantity: 1_000_000_001n }, ["stockQuantity"]],
    [{ code: "abcdefghij" }, ["code"]],
    [{ slug: "1234567890" }, ["slug"]],
    [{ variants: [variant], stockQuantity: 1n }, ["stockQuantity"]],
    [{ variants: [variant, { ...variant, options: { size: "M" } }] }, ["variants[1].sku"]],
    [{ variants: [variant, { ...variant, sku: "B" }] }, ["variants[1].options"]],
    [
      { variants: [sized("A", { size: "S", fit: "slim" }), sized("B", { Fit: " SLIM", size: "s" })] },
      ["variants[1].options"],
    ],
    [{ variants: [sized("A", { size: "S" }), sized("B", { size: "S\u200b" })] }, ["variants[1].options"]],
    [{ variants: [sized("A", { size: "S" }), sized("B", { size: "S", fit: "slim" })] }, []],
    [{ name: "\u200b" }, ["name"]],
    [{ name: "\u3164 \u2800" }, ["name"]],
    [{ name: "\u0007" }, ["name"]],
    [{ category: "\u200b" }, ["category"]],
    [{ category: "\u3164" }, ["category"]],
    [{ slug: "a\u3164" }, ["slug"]],
    [{ attributes: { "\u3164": "S" } }, ["attributes"]],
    [{ slug: "search" }, ["slug"]],
    [{ slug: "searches" }, []],
    [{ variants: [{ ...variant, sku: "\u200b" }] }, ["variants[0].sku"]],
    [{ variants: [sized("A", { size: "\u2060" })] }, ["variants[0].options.size"]],
    [{ variants: [sized("A", { "\u200b": "S" })] }, ["variants[0].options"]],
    [{ attributes: { "\u200b": "S" } }, ["attributes"]],
    [{ variants: [{ ...variant, sku: " " }] }, ["variants[0].sku"]],
    [{ variants: [{ ...variant, price: money("JPY", 1n) }] }, ["variants[0].price.currencyCode"]],
    [{ variants: [{ ...variant, options: { size: "" } }] }, ["variants[0].options.size"]],
    [
      { variants: Array.from({ length: 101 }, (_, index) => ({ sku: `S${index}`, options: {} })) },
      ["variants"],
    ],
  ];
  for (const [changes, paths] of table) assert.deepEqual(faultPaths(changes), paths, paths.join());
});

test("the primary category comes first, and a category named twice counts once", () => {
  const draft = parseProduct(
    productWrite({ category: "tops", categories: ["clothing", "tops"] }),
    "USD",
    new ProductFields(),
  );
  assert.deepEqual(
    draft.categories.map(({ name }) => name),
    ["Tops", "Clothing"],
  );
});
