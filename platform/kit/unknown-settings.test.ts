import assert from "node:assert/strict";
import { it } from "node:test";
import { unknownNames } from "./unknown-settings.ts";

const names = new Set([
  "CHECKOUT_CURRENCY",
  "CART_EXPIRY_SECONDS",
  "DATABASE_URL",
  "HTTP_PORT",
  "PORT",
  "LOG_LEVEL",
  "SHOP_URL",
  "POSTGRES_PASSWORD",
  "OTEL_SERVICE_NAME",
]);
const known = { names, prefixes: ["CART_", "CHECKOUT_", "SHOP_", "ORDER_", "USER_"] };

const refused = (environment: Record<string, string>) =>
  unknownNames(environment, known).map(({ name, nearest }) => `${name} -> ${nearest}`);

it("a slip of the finger is found wherever it is, with the name that was meant", () => {
  for (const [slip, meant] of [
    ["CHEKOUT_CURRENCY", "CHECKOUT_CURRENCY"],
    ["CHECKOUT_CURENCY", "CHECKOUT_CURRENCY"],
    ["CHECKOTU_CURRENCY", "CHECKOUT_CURRENCY"],
    ["CART_EXPIRY_SECOND", "CART_EXPIRY_SECONDS"],
    ["DATABSE_URL", "DATABASE_URL"],
    ["LOG_LEVLE", "LOG_LEVEL"],
    ["SHOPS_URL", "SHOP_URL"],
    ["POSTGRES_PASWORD", "POSTGRES_PASSWORD"],
    ["OTEL_SERVICE_NAMES", "OTEL_SERVICE_NAME"],
  ] as const)
    assert.deepEqual(refused({ [slip]: "x" }), [`${slip} -> ${meant}`]);
});

it("with a prefix of ours every unknown name is refused, also one that resembles nothing", () => {
  assert.deepEqual(refused({ CART_REDIS_URL: "redis://x" }), ["CART_REDIS_URL -> undefined"]);
  assert.deepEqual(refused({ CART_EXPIRY: "1" }), ["CART_EXPIRY -> CART_EXPIRY_SECONDS"]);
});

it("what Kubernetes injects is passed over", () => {
  const injected = {
    CART_PORT: "tcp://10.0.0.1:7070",
    CART_SERVICE_HOST: "10.0.0.1",
    CART_SERVICE_PORT: "7070",
    CART_SERVICE_PORT_GRPC: "7070",
    CART_PORT_7070_TCP: "tcp://10.0.0.1:7070",
    CART_PORT_7070_TCP_PROTO: "tcp",
    CART_PORT_7070_TCP_PORT: "7070",
    CART_PORT_7070_TCP_ADDR: "10.0.0.1",
    ORDER_PORT: "udp://10.0.0.1:53",
    KUBERNETES_SERVICE_HOST: "10.0.0.1",
    KUBERNETES_PORT_443_TCP_ADDR: "10.0.0.1",
  };
  assert.deepEqual(refused(injected), []);
  assert.deepEqual(
    refused({ CART_PORT: "7070" }),
    ["CART_PORT -> undefined"],
    "a number there was meant for us",
  );
});

it("known names, empty ones, and the names of other programs are passed over", () => {
  assert.deepEqual(
    refused({
      CHECKOUT_CURRENCY: "EUR",
      CHEKOUT_CURRENCY: "",
      PORTS: "1",
      HTTPS_PORT: "443",
      HOME: "/",
      PATH: "/bin",
      NODE_ENV: "production",
      OTEL_SERVICE_NAME: "x",
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "x",
      POSTGRES_HOST: "x",
      POSTGRES_INITDB_ARGS: "x",
      PGDATABASE: "x",
      npm_config_cart_x: "x",
      SORT: "x",
      REDIS_URL: "x",
      JAVA_TOOL_OPTIONS: "x",
      USER_UID: "1000",
      USER_GID: "1000",
      USER_ID: "1000",
      USER_NAME: "node",
      USER_HOME: "/home/node",
    }),
    [],
  );
});
