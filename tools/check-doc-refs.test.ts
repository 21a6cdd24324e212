import assert from "node:assert/strict";
import { test } from "node:test";
import { checkDocument, openRepository } from "./check-doc-refs.ts";

const repository = openRepository(
  [
    "README.md",
    "main.ts",
    "docs/requests/place-order.md",
    "services/cart/rpc/add-item.ts",
    "services/cart/README.md",
  ],
  JSON.stringify({ scripts: { check: "node tools/check.ts", start: "node main.ts" } }),
);
const check = (path: string, text: string) => checkDocument(path, text, repository);

function assertBroken(path: string, text: string, expected: RegExp) {
  const broken = check(path, text);
  assert.equal(broken.length, 1, `expected one finding, got ${JSON.stringify(broken)}`);
  assert.match(broken[0] ?? "", expected);
}

test("a path in backticks that does not exist is refused, with its line", () => {
  assertBroken(
    "README.md",
    "See\n`services/cart/rpc/remove-item.ts`.",
    /^README\.md:2: services\/cart\/rpc\/remove-item\.ts is named here/,
  );
  assertBroken("README.md", "See `services/basket/`.", /services\/basket\/ is named here/);
  assertBroken("README.md", "See `DESIGN.md`.", /DESIGN\.md is named here/);
  assertBroken("README.md", "See `docs/requests/refund.md:12`.", /docs\/requests\/refund\.md is named here/);
  assertBroken("services/cart/README.md", "See `rpc/get-cart.ts`.", /rpc\/get-cart\.ts is named here/);
});

test("paths from the root and from the document's own folder are found", () => {
  const text = "`services/cart/`, `services/cart/rpc/add-item.ts:7`, `main.ts`, `README.md`, `docs/requests`";
  assert.deepEqual(check("README.md", text), []);
  assert.deepEqual(check("services/cart/README.md", "`rpc/add-item.ts` and `services/cart`"), []);
});

test("routes, commands, packages, placeholders and examples in fences are not paths", () => {
  const text =
    "`/api/products`, `node --test`, `@types/node`, `rpc/<name>.ts`, `a/b`, `and/or`, `text/html`, `*.test.ts`\n```\nservices/gone/x.ts `services/gone/y.ts`\n```\n";
  assert.deepEqual(check("README.md", text), []);
});

test("a link that leads nowhere is refused; anchors and addresses are left alone", () => {
  assertBroken(
    "docs/requests/place-order.md",
    "[a](../../services/ad/README.md)",
    /leads to services\/ad\/README\.md/,
  );
  assertBroken("README.md", "[a](docs/requests/refund.md#why)", /leads to docs\/requests\/refund\.md/);
  assert.deepEqual(
    check("docs/requests/place-order.md", "[a](../../README.md#run) [b](#c) [d](https://e.example/f)"),
    [],
  );
});

test("a script that package.json does not have is refused, in prose and in fences", () => {
  assertBroken("README.md", "Run `npm run chekc`.", /no script "chekc"/);
  assertBroken("README.md", "```\nnpm test\n```", /`npm test` is named here/);
  assert.deepEqual(check("README.md", "Run `npm run check`, `npm start`, `npm ci`, `npm install`."), []);
});

test("paths of one machine and paths out of the repository are refused", () => {
  assertBroken("README.md", "Look into ../shared/spec for more.", /\.\.\/shared lies outside the repository/);
  assertBroken("docs/requests/place-order.md", "Look at ../../../notes.", /lies outside the repository/);
  assertBroken("README.md", "It stands in /home/someone/shop.", /\/home\/someone lies outside/);
});

test("decisions are history: they may name files that are gone, but no script or link that is", () => {
  assert.deepEqual(check("docs/decisions/0001-a.md", "`services/basket/old.ts` was removed."), []);
  assertBroken("docs/decisions/0001-a.md", "[a](0009-b.md)", /leads to docs\/decisions\/0009-b\.md/);
});
