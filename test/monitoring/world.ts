// The shop that alerts are tried on: a process for each service and the audit, people who use it, and a Prometheus that watches.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { systemClock } from "#platform/kit/clock.ts";
import { freePorts } from "#platform/kit/free-ports.ts";
import { newId } from "#platform/kit/ids.ts";
import { services } from "../../shop.ts";
import { cards } from "../lab/buyer.ts";
import { openLinkedShop, type LinkedShop } from "../lab/linked-shop.ts";
import { buyOverRest, callRest, newGuest, order } from "../lab/rest-buyer.ts";
import { ShopProcess } from "../lab/shop-process.ts";
import { Prometheus, type Target } from "./prometheus.ts";
import { writeFasterRules } from "./rule-files.ts";

export const admin = { email: "admin@example.com", password: "the keys of the colonnade" };
/** An hour of the rules is a minute of this machine. */
export const times = 60;
const forMaxMs = 5_000;
const everyMs = 1_000;
export interface World {
  readonly shop: LinkedShop;
  readonly audit: ShopProcess;
  /** One more process, whose certificate ends soon; not started. */
  readonly encrypted: ShopProcess;
  readonly prometheus: Prometheus;
  readonly productId: string;
  database(service: string): Promise<pg.Client>;
  close(): Promise<void>;
}

/** Opens all of it; the audit and the encrypted process are left to be started. */
export async function openWorld(certificate: { cert: string; key: string }): Promise<World> {
  const shop = await openLinkedShop({
    environment: {
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
      FAULT_INJECTION: "allowed",
      CHECKOUT_LEASE_SECONDS: "1",
      CHECKOUT_STEP_SECONDS: "2",
    },
  });
  const ports = await freePorts(6);
  const clients: pg.Client[] = [];
  const database = async (service: string) => {
    const url = shop.process(service).environment["DATABASE_URL"] ?? "";
    const client = new pg.Client({ connectionString: url });
    // A server that throws everybody out is part of what is tried.
    client.on("error", () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  };
  const audit = beside(shop, "audit", ports.slice(0, 3), {
    AUDIT_SECONDS: "1",
    ...Object.fromEntries(
      services.map(({ name }) => [
        `AUDIT_${name.toUpperCase()}_DATABASE_URL`,
        shop.process(name).environment["DATABASE_URL"],
      ]),
    ),
  });
  const encrypted = beside(shop, "currency", ports.slice(3), {
    DATABASE_URL: shop.process("currency").environment["DATABASE_URL"],
    GRPC_TLS: "on",
    GRPC_TLS_CERT: certificate.cert,
    GRPC_TLS_KEY: certificate.key,
  });
  const folder = join(shop.folder, "prometheus");
  writeFasterRules(join(folder, "rules"), { times, forMaxMs });
  const prometheus = await Prometheus.start(
    folder,
    targetsOf([...shop.processes, audit, encrypted]),
    everyMs,
  );
  const { body } = await callRest(shop.origin, "GET", "/api/products?limit=1");
  const [first] = (body["items"] ?? body["products"]) as { id: string }[];
  return {
    shop,
    audit,
    encrypted,
    prometheus,
    productId: first?.id ?? "",
    database,
    close: async () => {
      await prometheus.stop();
      await Promise.all([audit.kill(), encrypted.kill()]);
      await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
      await shop.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function targetsOf(processes: readonly ShopProcess[]): Target[] {
  return processes.map(({ name, operationsPort }) => ({ job: name, address: `127.0.0.1:${operationsPort}` }));
}

function beside(
  shop: LinkedShop,
  service: string,
  [grpcPort = 0, httpPort = 0, operationsPort = 0]: readonly number[],
  environment: Readonly<Record<string, string | undefined>>,
): ShopProcess {
  const like = shop.process("ad");
  const { DATABASE_URL: _, ...common } = like.environment;
  const ports = { PORT: String(httpPort), GRPC_PORT: String(grpcPort), HTTP_PORT: String(operationsPort) };
  return new ShopProcess({
    name: service === "audit" ? "audit" : `${service}-encrypted`,
    service,
    host: like.host,
    tree: like.tree,
    grpcPort,
    httpPort,
    operationsPort,
    environment: { ...common, ...environment, ...ports },
  });
}

/** Does something again and again, so many times at once, until it is told to end. */
export function keepDoing(work: () => Promise<unknown>, { pauseMs = 0, parallel = 1 } = {}) {
  let isOver = false;
  const loops = Array.from({ length: parallel }, async () => {
    while (!isOver) {
      await work().catch(() => undefined);
      if (pauseMs > 0) await systemClock.sleep(pauseMs);
    }
  });
  return async (): Promise<void> => {
    isOver = true;
    await Promise.all(loops);
  };
}

/** People who look around, search, sign in and buy; the staff ships, cancels and refunds. */
export function lightLoad({ shop, productId }: World) {
  let turn = 0;
  return keepDoing(
    async () => {
      turn += 1;
      const { origin } = shop;
      await Promise.all([
        callRest(origin, "GET", "/api/products"),
        callRest(origin, "GET", `/api/products/search?q=${turn % 2 ? "lamp" : "nothing-is-called-so"}`),
        callRest(origin, "GET", `/api/recommendations?productIds=${productId}`),
        fetch(`${shop.origin}/`).then(async (page) => await page.text()),
      ]);
      if (turn % 3 === 0) await buyOverRest(origin, productId);
    },
    { pauseMs: 250 },
  );
}

/** Everything that business figures count, once or more. */
export async function doBusiness({ shop: { origin }, productId }: World): Promise<void> {
  const login = await callRest(origin, "POST", "/api/users/login", { body: admin });
  const token = String(login.body["token"]);
  await callRest(origin, "POST", "/api/users/login", { body: { ...admin, password: "not this one at all" } });
  const ada = {
    email: `ada-${newId()}@example.com`,
    password: "a colonnade of her own",
    firstName: "Ada",
    lastName: "L",
  };
  await callRest(origin, "POST", "/api/users/register", { body: ada });
  const as = (body: object, key = newId()) => ({ token, body, headers: { "idempotency-key": key } });
  for (const act of ["ship", "cancel", "refund"]) {
    const { answer } = await buyOverRest(origin, productId);
    if (answer.kind !== "acknowledged") throw new Error(`Nobody can buy: ${JSON.stringify(answer)}`);
    const path = `/api/orders/${answer.orderId}`;
    const done =
      act === "refund"
        ? await callRest(
            origin,
            "POST",
            `${path}/refunds`,
            as({ amount: { amount: "1.00", currency: "USD" }, reason: "A scratch." }),
          )
        : await callRest(
            origin,
            "PATCH",
            `${path}/status`,
            as({ status: act === "ship" ? "shipped" : "cancelled", reason: "Tried." }),
          );
    if (done.status >= 300) console.log(`  ${act}: ${done.status} ${JSON.stringify(done.body)}`);
  }
  const tooMany = { productId, quantity: 90 };
  const guest = await newGuest(origin);
  await callRest(origin, "POST", "/api/cart/me/items", { token: guest.token, body: tooMany });
  await declined({ origin, productId });
}

/** A purchase whose card is declined. */
export async function declined({
  origin,
  productId,
}: {
  origin: string;
  productId: string;
}): Promise<number> {
  const { token } = await newGuest(origin);
  const body = { productId, quantity: 1 };
  await callRest(origin, "POST", "/api/cart/me/items", { token, body });
  const card = { ...order.payment.card, number: cards.declined };
  const { status } = await callRest(origin, "POST", "/api/orders", {
    token,
    body: { ...order, payment: { ...order.payment, card } },
    headers: { "idempotency-key": newId() },
  });
  return status;
}

/** Waits until all of the alerts fire, or the time is over; answers those that do not. */
export async function untilFiring(
  { prometheus }: World,
  wanted: readonly string[],
  withinMs: number,
): Promise<string[]> {
  const untilMs = systemClock.monotonicMs() + withinMs;
  const missing = new Set(wanted);
  for (;;) {
    for (const name of await prometheus.firing()) missing.delete(name);
    if (missing.size === 0 || systemClock.monotonicMs() > untilMs) return [...missing];
    await systemClock.sleep(250);
  }
}
