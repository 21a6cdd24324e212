import assert from "node:assert/strict";
import { after, it } from "node:test";
import { ProcessService } from "#gen/stoa/platform/v1/process_pb.js";
import { TokenVerifier } from "#platform/auth/token.ts";
import { systemClock } from "#platform/kit/clock.ts";
import type { AppError } from "#platform/kit/errors.ts";
import { createGrpcClient } from "#platform/rpc/grpc-client.ts";
import { openGrpcServer } from "#platform/rpc/grpc-server.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { OwnProcess } from "./own-process.ts";

const clock = systemClock;
const serviceKey = "a-key-that-only-tests-know-0123456789";

it("a process tells of itself to services of its shop, and to nobody else", async () => {
  const own = new OwnProcess({
    services: [{ name: "near" }],
    clock,
    log: silentLog,
    shop: { serviceKey, currency: "USD" },
    verifier: () => new TokenVerifier(clock, () => Promise.reject(new Error("Nobody has a token here."))),
    health: () => Promise.resolve([]),
    neighbours: () => [],
    operations: () => {
      throw new Error("It has no database.");
    },
  });
  const common = { host: "127.0.0.1", port: 0, serviceKey, clock };
  const grpc = await openGrpcServer({ ...common, services: [own.peer] });
  after(async () => {
    own.close();
    await grpc.close(1_000);
  });
  const ask = (key: string, isForeign: boolean) => {
    const url = `127.0.0.1:${grpc.port}`;
    const { client, close } = createGrpcClient(ProcessService, {
      ...{ url, caller: "admin", serviceKey: key, clock, isForeign },
    });
    after(close);
    return client;
  };
  const { process: told } = await ask(serviceKey, false).getReport({});
  assert.equal(told?.pid, process.pid);
  for (const client of [ask("another-key-that-is-not-the-shops-own", false), ask(serviceKey, true)])
    for (const question of [client.getReport, client.listTraces, client.getTrace, client.tailLines])
      await assert.rejects(question({}), (error: AppError) => error.reason === "SERVICE_REQUIRED");
});
