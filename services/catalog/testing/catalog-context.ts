// What the tests of this service share: its database without demo goods, and products to work on.
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { readConfig } from "#platform/kit/config.ts";
import { newId, randomCode } from "#platform/kit/ids.ts";
import { money } from "#platform/kit/money.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { testCall } from "#platform/testing/call.ts";
import { testDatabase } from "#platform/testing/databases.ts";
import { CatalogConfig } from "../config.ts";
import type { CatalogContext } from "../context.ts";
import { parseProduct, type ProductInput } from "../product-draft.ts";
import { ProductFields } from "../product-fields.ts";
import { createProduct } from "../write-product.ts";
import { RecentAnswers } from "../recent-answers.ts";
import { catalog } from "../service.ts";
import { openDatabaseFiles } from "./open-files.ts";

export async function testContext(connectionsMax = 10): Promise<CatalogContext> {
  const db = await testDatabase(catalog as AnyService, connectionsMax);
  return {
    db,
    baseCurrency: "USD",
    fields: new ProductFields(),
    config: readConfig(CatalogConfig, {}),
    log: silentLog,
    isDemo: false,
    recent: new RecentAnswers(systemClock),
    files: await openDatabaseFiles(db),
    engine: undefined,
    engineSearch: undefined,
    note: () => Promise.resolve(),
  };
}

export const asCheckout: Call = testCall({ service: "checkout" });
export const asAdmin: Call = testCall({ userId: newId(), role: "admin" });
export const asCustomer: Call = testCall({ userId: newId() });
export const asNobody: Call = testCall();

/** A product write with everything that is required. */
export function productWrite(changes: Partial<ProductInput> = {}): ProductInput {
  return {
    name: `Test Product ${randomCode(8)}`,
    description: "",
    price: money("USD", 1999n),
    category: "tests",
    categories: [],
    imageUrl: "",
    code: "",
    slug: "",
    variants: [],
    ...changes,
  };
}

/** Writes a product and returns its id. */
export async function addProduct(ctx: CatalogContext, changes: Partial<ProductInput> = {}): Promise<string> {
  const draft = parseProduct(productWrite(changes), "USD", ctx.fields);
  return await createProduct(ctx.db, draft, {
    currencyCode: "USD",
    actor: "test",
    written: () => Promise.resolve(),
    call: asAdmin,
  });
}
