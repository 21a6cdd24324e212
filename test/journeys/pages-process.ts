// A service of pages in a process of its own, in front of a shop that is open: one more replica of it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after } from "node:test";
import { freePorts } from "#platform/kit/free-ports.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import type { ShopUnderTest } from "./open-shop.ts";

/** Starts one that asks the API of the shop, and answers where it is reached; it ends with the test file. */
export async function openPagesProcess(
  service: "storefront" | "admin",
  { origin, prices }: Pick<ShopUnderTest, "origin" | "prices">,
): Promise<string> {
  const [port = 0, operationsPort = 0, grpcPort = 0] = await freePorts(3);
  const main = new URL("../../main.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [main, "serve", service], {
    env: {
      PATH: process.env["PATH"],
      HOST: "127.0.0.1",
      PORT: String(port),
      HTTP_PORT: String(operationsPort),
      GRPC_PORT: String(grpcPort),
      GATEWAY_URL: origin,
      SHOP_CURRENCY: prices.currency,
      SERVICE_KEY: "a-key-that-only-tests-know-0123456789",
      LOG_LEVEL: "silent",
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  const isReady = async () =>
    await fetch(`http://127.0.0.1:${operationsPort}/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  await eventually(`the ${service} process is ready`, isReady);
  return `http://127.0.0.1:${port}`;
}
