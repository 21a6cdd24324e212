import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkSource } from "./check-boundaries.ts";
import { parseSource } from "./source-file.ts";

const check = (path: string, text: string) => checkSource(parseSource(path, text));

/** The one thing that is broken in the text, and on which line. */
function assertBroken(path: string, text: string, expected: RegExp) {
  const broken = check(path, text);
  assert.equal(broken.length, 1, `expected one broken rule, got ${JSON.stringify(broken)}`);
  assert.match(broken[0] ?? "", expected);
}
const assertClean = (path: string, text: string) => assert.deepEqual(check(path, text), []);

describe("direction of imports", () => {
  const toService = /platform\/database\/db\.ts:2: platform\/ imports only/;

  test("platform/ cannot import a service, statically, lazily or for re-export", () => {
    for (const line of [
      'import { pay } from "../../services/payment/service.ts";',
      'import type { Pay } from "../../services/payment/service.ts";',
      'import "../../services/payment/service.ts";',
      'export { pay } from "../../services/payment/service.ts";',
      'const pay = await import("../../services/payment/service.ts");',
      'type Pay = import("../../services/payment/service.ts").Pay;',
    ]) {
      assertBroken("platform/database/db.ts", `// why\n${line}\n`, toService);
    }
  });

  test("platform/ may import itself, generated code and packages", () => {
    assertClean(
      "platform/database/db.ts",
      'import pg from "pg";\nimport { a } from "./a.ts";\nimport { b } from "#gen/google/rpc/b.js";\n',
    );
  });

  test("a service cannot import another service, whichever way the path is written", () => {
    assertBroken(
      "services/ad/ad.ts",
      'import { a } from "../user/store.ts";',
      /of the service user: a service never imports another/,
    );
    assertBroken(
      "services/ad/rpc/get-ads.test.ts",
      'import { a } from "../../user/service.ts";',
      /of the service user/,
    );
    assertBroken(
      "services/ad/ad.ts",
      'const a = await import(\n  "../user/service.ts"\n);',
      /of the service user/,
    );
  });

  test("a service cannot reach main.ts, tests or tools, nor platform/ by a relative path", () => {
    for (const specifier of [
      "../../main.ts",
      "../../test/shop.ts",
      "../../platform/database/db.ts",
      "../index.ts",
    ]) {
      assertBroken("services/ad/ad.ts", `import { a } from "${specifier}";`, /imports only its own folder/);
    }
  });

  test("a service may import its own folder, #platform/, #gen/ and packages; programs and the list import services", () => {
    assertClean(
      "services/ad/ad.ts",
      'import { a } from "./rpc/get-ads.ts";\nimport { b } from "#platform/b.ts";\nimport { c } from "#gen/stoa/user/v1/user_pb.js";\nimport f from "fastify";\n',
    );
    assertClean(
      "services/index.ts",
      'import { ad } from "./ad/service.ts";\nexport const services = [ad];\n',
    );
    assertClean(
      "main.ts",
      'import { services } from "./services/index.ts";\nimport { ad } from "./services/ad/service.ts";\n',
    );
  });

  test("a neighbour's translation imports contracts and the platform, and nothing of a service; no service imports it", () => {
    const says = /translates contracts/;
    assertClean(
      "neighbours/payment.ts",
      'import { a } from "./card-digits.ts";\nimport { b } from "#platform/b.ts";\nimport { c } from "#gen/hipstershop/demo_pb.js";\n',
    );
    assertBroken("neighbours/payment.ts", 'import { a } from "../services/payment/card.ts";', says);
    assertBroken("neighbours/payment.ts", 'import { a } from "../shop.ts";', says);
    assertBroken("neighbours/payment.ts", 'import { a } from "#gen/rest/types.ts";', says);
    const path = "services/checkout/saga.ts";
    assertBroken(path, 'import { a } from "../../neighbours/payment.ts";', /imports only its own folder/);
    assertBroken("neighbours/payment.ts", "await db.rows(`select a from b`);", /SQL stands only/);
  });

  test("an import that stands in a comment or in a string is none", () => {
    assertClean(
      "services/ad/ad.ts",
      '// import { a } from "../user/store.ts"\nconst text = `import { a } from "../user/store.ts"`;\n',
    );
  });

  test("what runs in a shop imports no test support, neither of the platform nor of its own service", () => {
    const says = /exists for tests/;
    assertBroken("services/ad/ad.ts", 'import { a } from "#platform/testing/call.ts";', says);
    assertBroken("services/ad/rotation.ts", 'import { a } from "./testing/open-ads.ts";', says);
    assertBroken("services/ad/ad.ts", 'import { a } from "./store.test.ts";', says);
    assertBroken("platform/kit/run.ts", 'const a = await import("#platform/testing/call.ts");', says);
    for (const path of ["main.ts", "commands/serve.ts", "audit/audit.ts"])
      assertBroken(path, `import { a } from "${path.includes("/") ? "../" : "./"}test/lab/lab.ts";`, says);
  });

  test("tests, testing/ folders, test/, tools/ and bench/ may share test support", () => {
    for (const path of [
      "services/ad/ad.test.ts",
      "services/ad/testing/open-ads.ts",
      "platform/testing/services.ts",
      "test/lab/lab.ts",
      "tools/write-schemas.ts",
      "bench/orders.ts",
    ]) {
      assertClean(path, 'import { a } from "#platform/testing/call.ts";');
    }
  });

  test("an rpc of an extension says who may call it, too", () => {
    const path = "extensions/coins/rpc/flip-coin.ts";
    assertBroken(path, "export const flipCoin = () => ({});", /calls a `require…` function/);
  });

  test("an extension knows ports and points of services, and only its tests know more", () => {
    const says = /An extension imports its own folder/;
    const path = "extensions/coins/provider.ts";
    assertBroken(path, 'import { a } from "../../services/payment/store.ts";', says);
    assertBroken(path, 'import { a } from "../other/provider.ts";', says);
    assertBroken(path, 'import { a } from "../../shop.ts";', says);
    assertClean(
      path,
      'import { a } from "../../services/payment/provider.ts";\nimport { b } from "./coins.ts";\n',
    );
    assertClean(
      path,
      'import { a } from "../../services/gateway/extension.ts";\nimport { b } from "#platform/b.ts";\n',
    );
    assertClean(
      "extensions/coins/coins.test.ts",
      'import { a } from "../../services/payment/provider.contract.ts";',
    );
    assertBroken(
      "services/ad/ad.ts",
      'import { a } from "../../extensions/coins/coins.ts";',
      /only its own folder/,
    );
    assertBroken(
      "platform/kit/run.ts",
      'import { a } from "../../extensions/coins/coins.ts";',
      /imports only/,
    );
  });

  test("pages know the REST API and no contract; services behind the edge know contracts and no REST", () => {
    for (const service of ["storefront", "admin"]) {
      const path = `services/${service}/pages/home.ts`;
      assertBroken(path, 'import { a } from "#gen/stoa/cart/v1/cart_pb.js";', /makes pages/);
      assertBroken(path, 'import type { a } from "#gen/hipstershop/demo_pb.js";', /makes pages/);
      assertClean(path, 'import type { Cart } from "#gen/rest/types.ts";');
    }
    assertBroken("services/order/order.ts", 'import type { a } from "#gen/rest/types.ts";', /only pages ask/);
  });

  test("the REST client and the package made of it import nothing of the house and no package", () => {
    const says = /used outside of the house/;
    for (const specifier of ["#platform/kit/money.ts", "../../services/ad/ad.ts", "undici", "node:http"])
      assertBroken("gen/rest/rest-client.ts", `import { a } from "${specifier}";`, says);
    assertBroken("sdk/stoa-sdk.ts", 'export { a } from "../services/gateway/api.ts";', says);
    assertBroken("sdk/stoa-sdk.ts", 'import a from "zod";', says);
    assertClean("gen/rest/client.ts", 'import { a } from "./rest-client.ts";');
    assertClean("sdk/stoa-sdk.ts", 'export { a } from "../gen/rest/client.ts";');
  });

  test("a file that only re-exports is refused, in any folder; a list of data is not", () => {
    assertBroken(
      "platform/index.ts",
      'export { a } from "./a.ts";\nexport { b } from "./b.ts";\n',
      /No barrel files/,
    );
    assertBroken("services/ad/index.ts", 'import { a } from "./a.ts";\nexport { a };\n', /No barrel files/);
    assertBroken("platform/all.ts", 'export * from "./a.ts";\nexport const b = 1;\n', /No barrel files/);
    assertClean("sdk/stoa-sdk.ts", 'export type * as Stoa from "../gen/rest/types.ts";');
    assertClean("tools/index.ts", 'import { a } from "./a.ts";\nexport const list = [a];\n');
  });
});

describe("what platform/ knows", () => {
  test("a commerce word in an identifier or a string of platform/ is refused", () => {
    assertBroken("platform/database/jobs.ts", "const expiredCarts = 1;", /"Carts" is a word of the shop/);
    assertBroken("platform/database/jobs.ts", 'const name = "checkout";', /"checkout" is a word of the shop/);
    assertBroken("platform/database/jobs.ts", "const SKU_PREFIX = 1;", /"SKU" is a word of the shop/);
    assertBroken(
      "platform/database/jobs.ts",
      "const a = `for ${b} in storefront`;",
      /"storefront" is a word/,
    );
  });

  test("money, sort order and words that only contain a commerce word are allowed, comments and tests too", () => {
    assertClean(
      "platform/kit/money.ts",
      'const price = 1; // of a cart\nconst sql = "order by placed_at";\nconst inProduction = "cartography";\n',
    );
    assertClean("platform/rpc.test.ts", 'const service = "cart";');
    assertClean("services/cart/cart.ts", 'const cart = "cart";');
  });
});

describe("where SQL stands", () => {
  test("a query or a statement outside a store is refused in a service", () => {
    assertBroken(
      "services/ad/ad.ts",
      'await db.query(text, ["a"]);',
      /SQL stands only in a service's store\.ts/,
    );
    assertBroken("services/ad/ad.ts", "await tx.query<{ id: string }>(text);", /SQL stands only/);
    for (const sql of [
      "select id\n from ads where id = $1",
      "SELECT id FROM ads",
      "insert into ads (id) values ($1)",
      "update ads set id = $1",
      "delete from ads where id = $1",
      "with a as (select 1) select 1",
      "select ${columns} from ads",
    ]) {
      assertBroken("services/ad/rotation.ts", `const text = \`${sql}\`;`, /SQL stands only/);
    }
  });

  test("stores, tests and platform/ may hold SQL; prose and query strings are not SQL", () => {
    const sql = "await db.query(`select id from ads`);";
    for (const path of [
      "services/ad/store.ts",
      "services/ad/click-store.ts",
      "services/ad/store-postgres.ts",
      "services/ad/ad.test.ts",
      "platform/database/outbox.ts",
    ]) {
      assertClean(path, sql);
    }
    assertClean(
      "services/storefront/pages/cart.ts",
      'const a = "Select a method from the list"; const b = request.query.page; const c = "Update your cart";',
    );
  });
});

describe("what asks the machine", () => {
  test("the environment is read only by config, programs and tests", () => {
    assertBroken(
      "platform/database/db.ts",
      'const a = process.env["PGHOST"];',
      /The environment is read once/,
    );
    for (const code of [
      "const { A } = process.env;",
      'const a = process["env"].A;',
      "const { env } = process;",
      'import { env } from "node:process";',
    ])
      assertBroken("services/ad/config.ts", code, /The environment is read once/);
    assertClean("services/ad/config.ts", 'const a = "process.env"; // process.env');
    for (const path of [
      "main.ts",
      "platform/kit/config.ts",
      "bin/stoa.ts",
      "tools/a.ts",
      "test/a.ts",
      "bench/a.ts",
    ]) {
      assertClean(path, 'const a = process.env["A"];');
    }
  });

  test("time and chance come only from platform/kit/clock.ts and platform/kit/ids.ts", () => {
    for (const code of [
      "Date.now()",
      "new Date()",
      "new Date",
      "performance.now()",
      "Math.random()",
      "process.hrtime.bigint()",
    ]) {
      assertBroken("services/ad/ad.ts", `const a = ${code};`, /stands only in platform\/kit\/clock\.ts/);
      assertBroken("main.ts", `const a = ${code};`, /stands only in platform\/kit\/clock\.ts/);
      for (const path of [
        "platform/kit/clock.ts",
        "platform/kit/ids.ts",
        "bench/a.ts",
        "test/a.ts",
        "services/ad/ad.test.ts",
      ]) {
        assertClean(path, `const a = ${code};`);
      }
    }
    assertClean(
      "services/ad/ad.ts",
      "const a = new Date(row.placedAt); const b = new Date(\n  0,\n); const c = Math.max(1);",
    );
  });

  test("console is for programs", () => {
    assertBroken("services/ad/ad.ts", 'console.log("a");', /write to `ctx\.log`/);
    assertBroken("platform/telemetry/log.ts", "console.error(a);", /write to `ctx\.log`/);
    for (const path of ["main.ts", "bin/stoa.ts", "tools/a.ts", "bench/a.ts", "test/a.ts"])
      assertClean(path, "console.log(1);");
  });
});

describe("what an rpc does", () => {
  const guarded = 'import { requireUser } from "#platform/auth/guards.ts";\n';

  test("an rpc that asks nobody who is calling is refused", () => {
    const says = /services\/ad\/rpc\/get-ads\.ts:1: An rpc file calls a `require…` function/;
    assertBroken("services/ad/rpc/get-ads.ts", "export function getAds() {}", says);
    assertBroken("services/ad/rpc/get-ads.ts", `${guarded}export function getAds() {}`, says);
    assertBroken(
      "services/ad/rpc/get-ads.ts",
      "function requireUser() {}\nexport const getAds = requireUser(call);",
      says,
    );
    assertBroken("services/ad/rpc/get-ads.ts", "// public:\nexport function getAds() {}", says);
    assertBroken(
      "services/ad/rpc/get-ads.ts",
      `${guarded}// requireUser(call)\nexport function getAds() {}`,
      says,
    );
  });

  test("an rpc that requires someone, or says why anyone may call it, passes", () => {
    assertClean(
      "services/ad/rpc/get-ads.ts",
      `${guarded}export const getAds = (ctx, req, call) => requireUser(call);`,
    );
    assertClean("services/ad/rpc/get-ads.ts", "// public: everyone sees ads\nexport function getAds() {}");
    assertClean("services/ad/rpc/get-ads.test.ts", "export function getAds() {}");
    assertClean("services/ad/ad.ts", "export function getAds() {}");
  });

  test("a remote call inside a transaction is refused, however deep it stands", () => {
    const inside = (call: string) =>
      `await ctx.inTransaction(async (tx) => {\n  if (a) {\n    await ${call};\n  }\n});`;
    for (const call of [
      "ctx.clients.catalog.getProduct({})",
      'fetch("https://a")',
      'agent.request({ path: "/" })',
    ]) {
      assertBroken(
        "services/ad/ad.ts",
        inside(call),
        /services\/ad\/ad\.ts:3: No remote call inside a transaction/,
      );
    }
    assertClean(
      "services/ad/ad.ts",
      `const a = await ctx.clients.catalog.getProduct({});\n${inside("save(tx, a)")}\nawait fetch(a);`,
    );
    assertClean("services/ad/ad.ts", inside('save(tx, "clients.fetch(")'));
  });

  test("a remote call is found where a transaction reaches it by name: callbacks, helpers, methods, clients with a name", () => {
    const remote = "await ctx.clients.catalog.getProduct({});";
    for (const text of [
      `const save = async (tx) => {\n ${remote} };\nawait ctx.inTransaction(save);`,
      `async function save(tx) {\n ${remote} }\nawait inTransaction(db, save);`,
      `async function ask() {\n ${remote} }\nconst save = async (tx) => await ask(tx);\nawait db.inTransaction((tx) => save(tx));`,
      `class A { async #save(tx) {\n ${remote} } run() { return this.#db.inTransaction((tx) => this.#save(tx)); } }`,
      `class A { save = async (tx) => {\n ${remote} }; run() { return this.db.inTransaction(this.save); } }`,
      "const { catalog } = ctx.clients;\n await ctx.inTransaction(async () => await catalog.getProduct({}));",
      "const pay = ctx.clients.payment;\n await ctx.inTransaction(async () => await pay.capture({}));",
      "await ctx.inTransaction(async () => {\n const { clients } = ctx; });",
    ]) {
      assertBroken("services/ad/ad.ts", text, /services\/ad\/ad\.ts:2: No remote call inside a transaction/);
    }
    assertClean(
      "services/ad/ad.ts",
      `async function ask() { ${remote} }\nasync function save(tx) {}\nawait ask();\nawait ctx.inTransaction((tx) => save(tx));`,
    );
  });
});

describe("one plan for every service", () => {
  test("a job, a task and an rpc bear the name of their file, one in each", () => {
    const job = "export function expireAdsJob() {}";
    assertClean("services/ad/jobs/expire-ads.ts", job);
    assertClean("services/ad/jobs/expire-ads.ts", `${job}\nexport async function expireAds() {}`);
    assertBroken(
      "services/ad/jobs/expire-ads.ts",
      "export function expireAds() {}",
      /and here that is expireAdsJob/,
    );
    assertBroken("services/ad/jobs/old-ads.ts", job, /and here that is oldAdsJob/);
    assertBroken(
      "services/ad/jobs/expire-ads.ts",
      `${job}\nexport function forgetAdsJob() {}`,
      /forgetAdsJob has a file of its own/,
    );
    assertClean("extensions/till/tasks/pay-out.ts", "export const payOutTask = 1;");
    assertBroken("extensions/till/tasks/pay-out.ts", "export const payOut = 1;", /that is payOutTask/);
    const open = "// public: everyone sees ads\n";
    assertClean("services/ad/rpc/get-ads.ts", `${open}export const getAds = 1;`);
    assertBroken("services/ad/rpc/get-ads.ts", `${open}export const listAds = 1;`, /that is getAds/);
  });

  test("the door bears the name of its folder and opens its context", () => {
    const context = 'import { openAdContext } from "./context.ts";\n';
    const door = (name: string, value = "ad") =>
      `export const ${value} = defineService({ name: "${name}" });`;
    assertClean("services/ad/service.ts", `${context}${door("ad")}`);
    assertBroken("services/ad/service.ts", `${context}${door("ads")}`, /The door of ad is/);
    assertBroken("services/ad/service.ts", `${context}${door("ad", "adService")}`, /The door of ad is/);
    assertBroken("services/ad/service.ts", door("ad"), /openAdContext of \.\/context\.ts/);
  });
});

describe("readers", () => {
  test("what may be old is for looking at: no rpc that changes something reads it", () => {
    const reads = "const db = await ctx.db.reader();";
    const guard = 'import { requireUser } from "#platform/auth/guards.ts";\nrequireUser(call);\n';
    const rpc = (name: string, body: string) =>
      `${guard}export async function ${name}(ctx, _, call) {\n${reads}\n${body}\n}`;
    assertClean("services/ad/rpc/list-ads.ts", rpc("listAds", "return await db.rows(`select 1`);"));
    assertBroken(
      "services/ad/rpc/buy-ad.ts",
      rpc("buyAd", ""),
      /`db\.reader\(\)` is for rpcs that get, list/,
    );
    assertBroken("services/ad/rpc/get-ad.ts", rpc("getAd", "await ctx.db.run(`delete`);"), /change nothing/);
    assertBroken("services/ad/price.ts", reads, /change nothing/);
  });
});

describe("habits", () => {
  test("unfinished work carries the number of an issue", () => {
    assertBroken("services/ad/ad.ts", "// TODO later", /TODO\(#123\)/);
    assertBroken("services/ad/ad.ts", "/*\n * FIXME\n */", /ad\.ts:2: A bare FIXME/);
    assertClean("services/ad/ad.ts", '// TODO(#12) rotate\nconst todo = "TODO";');
  });

  test("a switched-off test is refused", () => {
    for (const code of [
      'test.only("a", f);',
      'it.skip("a", f);',
      "t.skip();",
      'test("a", { skip: true }, f);',
      'test("a", { only: isCi }, f);',
    ]) {
      assertBroken("services/ad/ad.test.ts", code, /A test is never switched off/);
    }
    assertBroken(
      "services/ad/ad.test.ts",
      'const o = { skip: "later" };\nit("a", o, f);',
      /never switched off/,
    );
    assertClean("services/ad/ad.test.ts", 'test("a", { skip: false }, f);');
    assertClean("services/ad/ad.test.ts", 'test("a", () => page({ skip: 10, only: "b" }));');
    assertClean("services/ad/ad.ts", "const page = { skip: 10 };");
  });

  test("a path names the thing that the file holds", () => {
    assertBroken("platform/utils.ts", "", /"utils" in a path says nothing/);
    assertBroken("services/ad/helpers/rotate.ts", "", /"helpers" in a path/);
    assertBroken("services/ad/ad-manager.ts", "", /"manager" in a path/);
    assertClean("services/ad/rotate-ads.ts", "");
  });
});
