import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { freePorts } from "./free-ports.ts";

test("free ports come once each, can be listened on, and are none that a system gives to outgoing connections", async () => {
  const ports = await freePorts(60);
  assert.equal(new Set(ports).size, 60);
  assert.ok(ports.every((port) => port >= 20_000 && port < 32_768));
  for (const port of ports) {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    await new Promise((resolve) => server.close(resolve));
  }
});

test("a port that was given away is given to nobody else, however many ask before it is opened", async () => {
  const given: number[] = [];
  for (let round = 0; round < 6; round += 1) given.push(...(await freePorts(150)));
  assert.equal(new Set(given).size, 900);
});
