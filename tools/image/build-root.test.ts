import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { Ajv } from "ajv";
import { buildRoot, images, type BuiltRoot } from "./build-root.ts";
import { whyLeftOut } from "./bundle.ts";

const repository = join(import.meta.dirname, "../..");

interface Bill {
  readonly components: readonly { readonly "bom-ref": string; readonly purl: string }[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

describe("the root file system of an image", () => {
  const folder = mkdtempSync(join(tmpdir(), "stoa-root-"));
  let cart: BuiltRoot;
  let again: BuiltRoot;
  before(async () => {
    cart = await buildRoot("cart", join(folder, "cart"));
    again = await buildRoot("cart", join(folder, "again"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("is the same, byte for byte, when it is built twice", () => strictEqual(cart.hash, again.hash));

  test("holds one service with its migrations, and no other's", () => {
    deepStrictEqual(readdirSync(join(cart.root, "app/services/cart")), ["migrations"]);
    ok(!existsSync(join(cart.root, "app/services/catalog")));
    ok(cart.bytes < 60 * 1024 ** 2, `it has ${cart.bytes} bytes`);
  });

  test("knows the account nodejs, and lets it write nowhere but in /data and /tmp", () => {
    const account = readFileSync(join(cart.root, "etc/passwd"), "utf8");
    ok(account.includes("\nnodejs:x:1001:1001:"));
    const writable = readdirSync(cart.root, { recursive: true, encoding: "utf8" }).filter(
      (path) => (lstatSync(join(cart.root, path)).mode & 0o022) !== 0,
    );
    deepStrictEqual(writable, ["tmp"]);
  });

  test("has a bill of materials that keeps to CycloneDX 1.6 and lists what is in the code, and its licences", async () => {
    const text = readFileSync(join(folder, "cart/sbom.cdx.json"), "utf8");
    const bill = JSON.parse(text) as Bill;
    deepStrictEqual(cycloneDxFaults(bill), []);
    const packages = bill.components.map(({ purl }) => purl.replace(/@[^@]*$/, ""));
    for (const name of ["pg", "fastify", "%40grpc/grpc-js"]) ok(packages.includes(`pkg:npm/${name}`), name);
    for (const name of ["stripe", "typescript", "%40node-rs/bcrypt", "swagger-ui-dist"])
      ok(!packages.includes(`pkg:npm/${name}`), `${name} is not in the image of cart`);
    ok(bill.components.every(({ "bom-ref": ref, purl }) => ref === purl));
    const licences = readFileSync(join(cart.root, "app/LICENSES.txt"), "utf8");
    for (const purl of bill.components.map((one) => decodeURIComponent(one.purl.slice("pkg:npm/".length)))) {
      const [, name, version] = /^(.*)@(.*)$/.exec(purl) ?? [];
      ok(licences.includes(`${name} ${version}\n`), `the licence of ${purl} is there`);
    }
  });

  test("is built for no image that does not exist, and into no folder that holds something", async () => {
    await rejects(buildRoot("basket", join(folder, "basket")), /There is no image "basket"/);
    await rejects(buildRoot("cart", join(folder, "cart")), /is not empty/);
  });
});

test("there is an image for every service, for all but the pages together, for the audit, for the commands and for everything", () => {
  strictEqual(images.length, 18);
  deepStrictEqual(images.slice(-4), ["backend", "audit", "tools", "all"]);
});

test("what an image leaves out is said in a sentence; the one with everything leaves out nothing that a shop runs on", () => {
  strictEqual(whyLeftOut("commands/serve.ts", "cart"), undefined);
  strictEqual(whyLeftOut("extensions/stripe/extension.ts", "payment"), undefined);
  ok(whyLeftOut("extensions/stripe/extension.ts", "cart")?.includes("payment and storefront"));
  ok(whyLeftOut("commands/export.ts", "cart")?.includes("ecommerce/all"));
  strictEqual(whyLeftOut("commands/export.ts", "all"), undefined);
  strictEqual(whyLeftOut("commands/serve-audit.ts", "audit"), undefined);
  strictEqual(whyLeftOut("commands/serve-backend.ts", "backend"), undefined);
  strictEqual(whyLeftOut("extensions/stripe/extension.ts", "backend"), undefined);
  ok(whyLeftOut("commands/migrate.ts", "backend")?.includes("ecommerce/all"));
  for (const command of ["secrets", "databases", "migrate", "check", "tasks", "import", "config"])
    strictEqual(whyLeftOut(`commands/${command}.ts`, "tools"), undefined);
  strictEqual(whyLeftOut("extensions/stripe/extension.ts", "tools"), undefined);
  ok(whyLeftOut("commands/serve.ts", "tools")?.includes("ecommerce/<service>"));
});

/** The schema is the one that the makers of CycloneDX bring with their library. */
function cycloneDxFaults(bill: unknown): string[] {
  const schemas = join(repository, "node_modules/@cyclonedx/cyclonedx-library/res/schema");
  const read = (name: string) => JSON.parse(readFileSync(join(schemas, name), "utf8")) as object;
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(read("spdx.SNAPSHOT.schema.json"), "http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json");
  ajv.addSchema(
    read("jsf-0.82.SNAPSHOT.schema.json"),
    "http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json",
  );
  const isValid = ajv.compile(read("bom-1.6.SNAPSHOT.schema.json"));
  return isValid(bill)
    ? []
    : (isValid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
