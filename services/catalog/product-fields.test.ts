import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Type } from "@fastify/type-provider-typebox";
import { create } from "@bufbuild/protobuf";
import {
  CatalogService,
  CreateProductRequestSchema,
  ProductWriteSchema,
  ReplaceProductRequestSchema,
  type CreateProductResponse,
} from "#gen/stoa/catalog/v1/catalog_pb.js";
import { AppError } from "#platform/kit/errors.ts";
import { add, defineExtension } from "#platform/kit/extension.ts";
import { newId, randomCode } from "#platform/kit/ids.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { testServices } from "#platform/testing/services.ts";
import { productFields, type ProductField } from "./extension.ts";
import { importFile, type ImportFault } from "./import.ts";
import { ProductFields } from "./product-fields.ts";
import { catalog } from "./service.ts";
import { asAdmin, productWrite } from "./testing/catalog-context.ts";

const added: ProductField[] = [
  {
    name: "material",
    doc: "What it is made of.",
    schema: Type.Enum(["wool", "silk"]),
    says: "must be wool or silk",
    isRequired: true,
  },
  {
    name: "washAt",
    doc: "In degrees.",
    schema: Type.Integer({ minimum: 20, maximum: 95 }),
    says: "must be a whole number from 20 to 95",
  },
];
const extensions = [
  defineExtension({ name: "clothes", adds: added.map((field) => add(productFields, field)) }),
];
const folder = await mkdtemp(join(tmpdir(), "stoa-fields-"));
const services = await testServices([catalog], { extensions, environment: { CATALOG_DEMO: "false" } });
const client = services.as(CatalogService, "catalog");
const [opened] = services.services;
after(() => rm(folder, { recursive: true }));

/** As an admin whose token was checked. */
async function call(rpc: string, request: object): Promise<CreateProductResponse> {
  const handler = opened?.parts.rpc?.[0]?.handlers.get(rpc);
  return (await handler?.(request as never, asAdmin)) as CreateProductResponse;
}
const written = (attributes: Record<string, string | number>) =>
  create(ProductWriteSchema, { ...productWrite({ variants: [] }), variants: [], attributes } as object);
const createWith = async (attributes: Record<string, string | number>) =>
  await call(
    "createProduct",
    create(CreateProductRequestSchema, { product: written(attributes), idempotencyKey: newId() }),
  );

const faults =
  (...expected: [path: string, message: string][]) =>
  (error: unknown) => {
    assert.ok(error instanceof AppError);
    assert.deepEqual(
      error.violations.map(({ path, message }) => [path, message]),
      expected,
    );
    return true;
  };

test("a value that does not fit, and one that is missing, are refused by path in the field's own words", async () => {
  await assert.rejects(createWith({}), faults(["attributes.material", "is required"]));
  await assert.rejects(
    createWith({ material: "nylon", washAt: "hot" }),
    faults(
      ["attributes.material", "must be wool or silk"],
      ["attributes.washAt", "must be a whole number from 20 to 95"],
    ),
  );
});

test("what fits is stored, shown and filtered, beside attributes nobody declared; a replacement is checked too", async () => {
  const { product } = await createWith({ material: "silk", washAt: 30, colour: "red" });
  assert.deepEqual(product?.attributes, { material: "silk", washAt: 30, colour: "red" });
  const found = await client.listProducts({ attributes: { material: "silk", washAt: "30" } });
  assert.deepEqual(
    found.products.map(({ id }) => id),
    [product?.id],
  );
  const replacement = create(ReplaceProductRequestSchema, {
    id: product?.id ?? "",
    product: written({ material: "silk", washAt: 96 }),
  });
  await assert.rejects(
    call("replaceProduct", replacement),
    faults(["attributes.washAt", "must be a whole number from 20 to 95"]),
  );
});

test("an import holds every row to the fields, and reads texts of a CSV file as the field's type", async () => {
  if (!opened?.db) throw new Error("The catalogue has no database.");
  const codes = Array.from({ length: 3 }, () => randomCode(10));
  const path = join(folder, "clothes.csv");
  await writeFile(
    path,
    `code,name,price,category,attributes.material,attributes.washAt
${codes[0]},Scarf,9.99,tests,wool,40
${codes[1]},Shirt,9.99,tests,nylon,40
${codes[2]},Tie,9.99,tests,silk,hot`,
  );
  const found: ImportFault[] = [];
  const fields = new ProductFields(added);
  const { created } = await importFile(
    { db: opened.db, baseCurrency: "USD", fields, note: () => Promise.resolve() },
    path,
    () => undefined,
    {
      onFault: (fault) => found.push(fault),
    },
  );
  assert.equal(created, 1);
  const told = found.map(({ line, reasons }) => ({ line, reasons }));
  assert.deepEqual(told, [
    { line: 3, reasons: ["attributes.material must be wool or silk"] },
    { line: 4, reasons: ["attributes.washAt must be a whole number from 20 to 95"] },
  ]);
  const { product } = await client.getProduct({ id: codes[0] ?? "" });
  assert.deepEqual(product?.attributes, { material: "wool", washAt: 40 });
});

test("a field that two extensions add, or whose name no attribute can have, is refused at start", () => {
  const [field] = added;
  assert.ok(field);
  for (const wrong of [[field, field], [{ ...field, name: "__proto__" }]])
    assert.throws(() => new ProductFields(wrong), StartError);
});
