// The REST API on real services, for tests: requests go through the whole gateway, only the socket is left out. Every answer is
// held against the OpenAPI document.
import { after } from "node:test";
import type { InjectOptions } from "fastify";
import { systemClock, type Clock } from "#platform/kit/clock.ts";
import { hearsOf } from "#platform/kit/hearing.ts";
import { readConfig, type Environment } from "#platform/kit/config.ts";
import { answerUnknownPaths, createHttpServer, type HttpApp } from "#platform/http/server.ts";
import { silentLog, type Logger } from "#platform/telemetry/log.ts";
import { openServices, type RunningServices } from "#platform/kit/run.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { testShop } from "#platform/testing/services.ts";
import { requireDocumented } from "./conformance.ts";
import { services as entries, shop } from "../../shop.ts";
import { patientLimits } from "../lab/patient-limits.ts";
import { openFlags, type FlagsOptions } from "#platform/kit/flags.ts";

export interface ApiOptions {
  /** Services that run; calls to all others meet a closed port. Default: all. */
  readonly services?: readonly string[];
  readonly environment?: Environment;
  readonly clock?: Clock;
  readonly rateLimits?: boolean;
  readonly flags?: Map<string, boolean>;
  readonly isEmbedded?: boolean;
  /** Absent: nothing is said. */
  readonly log?: Logger;
  /** Told of what is switched. */
  readonly heard?: Pick<FlagsOptions, "onHeard">;
}

export interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: unknown };
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- what came back is judged by assertions, not by types
  readonly json: any;
}

export interface SendOptions {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly headers?: { readonly [name: string]: string };
  readonly address?: string;
}

export interface ApiUnderTest {
  readonly app: HttpApp;
  readonly running: RunningServices;
  /** Every route of the listener. */
  readonly routes: readonly { method: string; url: string }[];
  send(request: string, options?: SendOptions): Promise<Answer>;
  /** A guest's token and id. */
  guest(): Promise<{ token: string; userId: string }>;
  /** A new customer's token and id. */
  customer(email?: string): Promise<{ token: string; userId: string; email: string }>;
  admin(): Promise<string>;
}

export const serviceKey = "a-key-that-only-tests-know-0123456789";
const adminLogin = { email: "admin@example.com", password: "the keys of the colonnade" };
const closedPort = "127.0.0.1:1";

export async function openApi(options: ApiOptions = {}): Promise<ApiUnderTest> {
  const {
    services: named,
    environment = {},
    clock = systemClock,
    rateLimits = false,
    flags = new Map(),
    isEmbedded = true,
    log = silentLog,
    heard,
  } = options;
  const order = entries.map(({ name }) => name).filter((name) => name !== "storefront" && name !== "admin");
  const wanted = entries.filter(({ name }) => order.includes(name) && (named?.includes(name) ?? true));
  const away = order.filter((name) => !wanted.some((entry) => entry.name === name));
  const defaults = readConfig(shop.flags, environment) as { readonly [name: string]: boolean };
  const shopFlags = await openFlags(newRandomId(), { defaults, file: undefined, clock, log, ...heard });
  const running = await openServices({
    services: await Promise.all(wanted.map(async (entry) => await entry.load())),
    order,
    hears: hearsOf(entries),
    environment: {
      ADMIN_EMAIL: adminLogin.email,
      ADMIN_PASSWORD: adminLogin.password,
      CATALOG_DEMO: "true",
      ...patientLimits,
      ...Object.fromEntries(away.map((name) => [`${name.toUpperCase()}_URL`, closedPort])),
      ...environment,
    },
    config: readConfig(PlatformConfig, { LOG_LEVEL: "silent", DATABASE_POOL_MAX: "10" }),
    home: async ({ name }) => await testDatabaseUrl(name),
    issuer: "user",
    shop: testShop({
      isEmbedded,
      apiUrl: () => "http://127.0.0.1:0",
      serviceKey,
      rateLimits,
      health: async () => await running.health(),
    }),
    flags: { ...shopFlags, isOn: async (name) => flags.get(name) ?? (await shopFlags.isOn(name)) },
    clock,
    log,
  });
  const app = createHttpServer({ service: "gateway", log });
  const routes: { method: string; url: string }[] = [];
  app.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat()) routes.push({ method: one, url });
  });
  for (const { parts } of running.services) await parts.http?.(app);
  answerUnknownPaths(app);
  await app.ready();
  after(async () => {
    await app.close();
    await running.close();
  });
  await running.seed();
  running.startWork();
  return { app, running, routes, ...clientOf(app) };
}

function clientOf(app: HttpApp): Omit<ApiUnderTest, "app" | "running" | "routes"> {
  let customers = 0;
  const send = async (request: string, options: SendOptions = {}) => await sendRequest(app, request, options);
  return {
    send,
    guest: async () => {
      const { json } = await send("POST /api/users/guest");
      return json;
    },
    customer: async (email = `customer-${(customers += 1)}@example.com`) => {
      const body = { email, password: "a long walk by the sea", firstName: "Ada", lastName: "Lovelace" };
      const { json } = await send("POST /api/users/register", { body });
      return { token: json.token, userId: json.user.id, email };
    },
    admin: async () => (await send("POST /api/users/login", { body: adminLogin })).json.token,
  };
}

async function sendRequest(app: HttpApp, request: string, options: SendOptions): Promise<Answer> {
  const [method = "GET", url = "/"] = request.split(" ");
  const { token, body, headers = {}, address } = options;
  const isRaw = typeof body === "string" || Buffer.isBuffer(body);
  const injected: InjectOptions = {
    method: method as "GET",
    url,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: isRaw ? (body as string) : JSON.stringify(body) }),
    ...(address === undefined ? {} : { remoteAddress: address }),
  };
  const response = await app.inject(injected);
  const isJson = String(response.headers["content-type"]).includes("json") && response.body !== "";
  const json = isJson ? (JSON.parse(response.body) as unknown) : undefined;
  // The protocol of OpenFeature has a document of its own.
  if (!url.startsWith("/ofrep/"))
    requireDocumented({
      method,
      path: url.split("?", 1)[0] ?? "",
      status: response.statusCode,
      contentType: String(response.headers["content-type"]),
      json,
    });
  return { status: response.statusCode, headers: response.headers, text: response.body, json };
}
