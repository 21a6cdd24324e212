// The split shop with everything encrypted: mutual TLS between all processes, TLS to whoever visits.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from "undici";
import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import { openHealthProbe } from "#platform/rpc/grpc-health.ts";
import { openGrpcTls, type GrpcTls } from "#platform/rpc/grpc-tls.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testAuthority, testFolder } from "#platform/testing/certificates.ts";
import { TlsConfig } from "#platform/tls/tls-config.ts";
import { services } from "../../shop.ts";
import { audit, booksOf } from "../../audit/audit.ts";
import { buyOverRest, callRest } from "../lab/rest-buyer.ts";
import { untilAtRest } from "../lab/rest.ts";
import { openSplitShop, type SplitShop } from "../lab/split-shop.ts";
import { checkoutFields, Shopper } from "./shopper.ts";

const authority = testAuthority();
const caller = { ca: authority.cert, ...authority.sign("a caller") };
const { write } = testFolder();
const leaf = authority.sign("the shop");
const grpcSettings = {
  GRPC_TLS: "mutual",
  GRPC_TLS_CERT: write("cert.pem", leaf.cert),
  GRPC_TLS_KEY: write("key.pem", leaf.key),
  GRPC_TLS_CA: write("ca.pem", authority.cert),
};

/** Every port of every process, as its environment says. */
function portsOf({ pids }: SplitShop): { readonly name: string; readonly port: number }[] {
  return [...pids()]
    .filter(([name]) => services.some((service) => service.name === name))
    .flatMap(([name, pid]) => {
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
      const portIn = (setting: string) =>
        Number(new RegExp(`(?:^|\\0)${setting}=(\\d+)`).exec(environment)?.[1] ?? assert.fail(setting));
      return ["GRPC_PORT", "HTTP_PORT"].map((setting) => ({ name, port: portIn(setting) }));
    });
}

async function isServing(port: number, tls: GrpcTls | undefined): Promise<boolean> {
  const probe = openHealthProbe(`127.0.0.1:${port}`, systemClock, tls);
  try {
    return await probe.isServing(5_000);
  } finally {
    probe.close();
  }
}

async function mustSellOverGrpc({ grpcPort }: SplitShop): Promise<void> {
  const products = async (nodeOptions: object) => {
    const baseUrl = `https://localhost:${grpcPort}`;
    const transport = createGrpcTransport({ baseUrl, nodeOptions });
    const answer = await createClient(hipstershop.ProductCatalogService, transport).listProducts({});
    return answer.products.length;
  };
  assert.ok((await products(caller)) > 0);
  await assert.rejects(products({ ca: authority.cert }));
  await assert.rejects(products({ ...caller, ...testAuthority("a stranger's").sign() }));
  await assert.rejects(products({ ...caller, ca: testAuthority("another").cert }));
  const plain = createGrpcTransport({ baseUrl: `http://localhost:${grpcPort}` });
  const { listProducts } = createClient(hipstershop.ProductCatalogService, plain);
  await assert.rejects(listProducts({}), /This port speaks gRPC over TLS only/);
}

test("with mutual TLS and a certificate of its own the split shop sells, and nobody gets in without", async (t) => {
  const shop = await openSplitShop({ environment: { ...grpcSettings, HTTP_TLS: "self-made" } });
  t.after(shop.close);
  const visitors = new Agent({
    connect: { ca: readFileSync(join(shop.folder, "tls/self-made.pem"), "utf8") },
  });
  const before = getGlobalDispatcher();
  setGlobalDispatcher(visitors);
  after(() => setGlobalDispatcher(before));

  const tls = openGrpcTls({
    settings: readConfig(TlsConfig, grpcSettings),
    clock: systemClock,
    log: silentLog,
  });
  t.after(() => tls?.close());
  if (process.platform === "linux") {
    const ports = portsOf(shop);
    assert.equal(ports.length, 2 * services.length);
    for (const { name, port } of ports) {
      assert.equal(await isServing(port, tls), true, `${name} over TLS on ${port}`);
      assert.equal(await isServing(port, undefined), false, `${name} in plaintext on ${port}`);
    }
  }
  const { body } = await callRest(shop.origin, "GET", "/api/health");
  assert.deepEqual(
    [body["status"], JSON.stringify(body).includes('"down"')],
    ["ok", false],
    JSON.stringify(body),
  );
  assert.equal((await buyOverRest(shop.origin, "6E92ZMYYFZ")).answer.kind, "acknowledged");
  await mustSellOverGrpc(shop);

  const shopper = new Shopper(shop.origin);
  const product = await shopper.get("/product/OLJCESPC7Z");
  assert.ok(product.text.includes(`<link rel="canonical" href="https://localhost:${shop.port}/product/`));
  const secured = [(await new Shopper(shop.origin).get("/account/login")).headers["set-cookie"] ?? []].flat();
  assert.ok(secured.length > 0);
  for (const line of secured) assert.match(line, /; Secure$/);
  const cart = await shopper.follow(await shopper.submit(product, "/cart", { quantity: "1" }));
  const done = await shopper.order(cart, checkoutFields);
  assert.match(done.text, /<dt>Order id<\/dt>/);
  assert.equal((await shopper.get("/admin/login")).status, 200);
  const plain = await fetch(shop.origin.replace("https", "http"));
  assert.equal(plain.status, 400);

  const databases = await shop.databases();
  await untilAtRest({ databases });
  const findings = await audit(booksOf(databases), { restSeconds: 0 }, systemClock);
  assert.deepEqual(
    findings.flatMap(({ violations }) => violations),
    [],
  );
});
