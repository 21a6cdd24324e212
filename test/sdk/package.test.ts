// The package as a stranger gets it: packed, installed into an empty folder, used there as its README says, on a running shop.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { openShop } from "../journeys/open-shop.ts";

const root = resolve(import.meta.dirname, "../..");
const readme = readFileSync(join(root, "sdk/README.md"), "utf8");
const shop = await openShop();
const folder = mkdtempSync(join(tmpdir(), "stoa-sdk-user-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** What a program of the folder prints; its own words when it fails. */
async function run(program: string, args: readonly string[], cwd = folder): Promise<string> {
  const path = [join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  try {
    const { stdout } = await promisify(execFile)(program, args, { cwd, env: { ...process.env, PATH: path } });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    return assert.fail(`${program} ${args.join(" ")}: ${stdout}${stderr}`);
  }
}

/** The examples of one language, as one program on this shop. */
function examples(language: string): string {
  const blocks = [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))];
  assert.ok(blocks.length > 0, `the README has no example in ${language}`);
  return blocks.map(([, code = ""]) => code.replaceAll("http://localhost:3000", shop.origin)).join("\n");
}

before(async () => {
  const packed = await run("npm", ["pack", "--json", "--pack-destination", folder], join(root, "sdk"));
  const [{ filename } = assert.fail("nothing was packed")] = JSON.parse(
    packed.slice(packed.indexOf("[")),
  ) as { filename: string }[];
  writeFileSync(join(folder, "package.json"), '{ "name": "a-stranger", "type": "module", "private": true }');
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${filename}`]);
});

test("the examples of the README, in plain JavaScript, browse, buy once and show a refusal", async () => {
  writeFileSync(join(folder, "readme.mjs"), examples("js"));
  const printed = await run("node", ["readme.mjs"]);
  assert.match(printed, /Tideline Mug \d+\.\d\d EUR/);
  assert.match(printed, /It would cost \d+\.\d\d USD/);
  assert.match(printed, /^\S+ processing$/m);
  assert.match(printed, /^PRODUCT_NOT_FOUND \S/m);
  assert.match(printed, /^200 application\/json.* Tideline Mug$/m);
});

test("an order that is sent twice under one key is one order", async () => {
  writeFileSync(
    join(folder, "twice.mjs"),
    `import { StoaClient } from "@stoa/sdk";
const shop = new StoaClient({ baseUrl: "${shop.origin}" });
const buyer = shop.withToken((await shop.createGuest()).token);
await buyer.addCartItem({ path: { userId: "me" }, body: { productId: "OLJCESPC7Z", quantity: 1 } });
const request = {
  idempotencyKey: "only-once",
  body: {
    email: "ada@example.com",
    shippingAddress: { line1: "1 Way", city: "London", postalCode: "SW1Y 4JH", country: "GB" },
    payment: { type: "card", card: { number: "4242424242424242", expiryMonth: 12, expiryYear: 2040, cvc: "123" } },
  },
};
const orders = [await buyer.placeOrder(request), await buyer.placeOrder(request)];
const { total } = await buyer.listOrders();
console.log(JSON.stringify({ ids: [...new Set(orders.map(({ id }) => id))].length, total }));
`,
  );
  assert.deepEqual(JSON.parse(await run("node", ["twice.mjs"])), { ids: 1, total: 1 });
});

test("the types of the package accept the examples and refuse what the API would", async () => {
  writeFileSync(join(folder, "readme.mjs"), examples("js"));
  writeFileSync(join(folder, "readme.ts"), `${examples("ts")}\nexport { products, sentences, total };\n`);
  writeFileSync(
    join(folder, "wrong.ts"),
    `import { StoaClient } from "@stoa/sdk";
const shop = new StoaClient({ baseUrl: "/" });
// @ts-expect-error -- there is no such sort
await shop.listProducts({ query: { sort: "cheapest" } });
// @ts-expect-error -- an id is missing
await shop.getOrder({});
// @ts-expect-error -- a quote wants an address
await shop.createQuote({ body: {} });
// @ts-expect-error -- a profile takes no body when it is read
await shop.getProfile({ body: { firstName: "Ada" } });
// @ts-expect-error -- amounts are text
export const amount: number = (await shop.getProduct({ path: { id: "a" } })).price.amount;
`,
  );
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        target: "es2022",
        module: "nodenext",
        lib: ["es2022", "dom"],
        types: [],
        strict: true,
        checkJs: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
      },
      include: ["readme.mjs", "readme.ts", "wrong.ts"],
    }),
  );
  assert.equal(await run("node", [join(root, "node_modules/typescript/bin/tsc"), "-p", "."]), "");
});

test("the package holds the built client and nothing of the house", async () => {
  const listed = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], join(root, "sdk"));
  const [{ files } = assert.fail("nothing would be packed")] = JSON.parse(listed) as {
    files: { path: string }[];
  }[];
  const unexpected = files
    .map(({ path }) => path)
    .filter((path) => !/^(package\.json|README\.md|dist\/(LICENSE|[\w-]+\.(js|d\.ts)))$/.test(path));
  assert.deepEqual(unexpected, []);
});
