// What every gRPC port answers beside its services: health and reflection, over the wire.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Client, credentials, status, type ClientDuplexStream, type ServiceError } from "@grpc/grpc-js";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { Health, HealthCheckResponse_ServingStatus as Status } from "#gen/grpc/health/v1/health_pb.js";
import { TokenVerifier } from "#platform/auth/token.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { bindRpcs } from "./contract.ts";
import { Dispatcher } from "./dispatcher.ts";
import { openGrpcServer, type GrpcListener } from "./grpc-server.ts";

const health = { isServing: true, lacks: [] as string[] };
let server: GrpcListener;

before(async () => {
  const bound = bindRpcs(AdService, undefined, {
    getAds: () => Promise.resolve({}),
    recordClick: () => Promise.resolve({}),
  });
  const verifier = new TokenVerifier(systemClock, () => Promise.reject(new Error("No token is expected.")));
  const dispatcher = new Dispatcher({ service: "ad", clock: systemClock, log: silentLog, verifier });
  server = await openGrpcServer({
    host: "127.0.0.1",
    port: 0,
    services: [{ bound, dispatcher }],
    serviceKey: "own-services-test-key-0123456789abcd",
    clock: systemClock,
    health: () => health,
  });
  server.setServing(true);
});
after(() => server.close(0));

describe("health over gRPC", () => {
  const asked = () =>
    createClient(Health, createGrpcTransport({ baseUrl: `http://127.0.0.1:${server.port}` }));

  it("answers Check for the process and each contract, and NOT_FOUND for others", async () => {
    for (const service of ["", "stoa.ad.v1.AdService"])
      assert.equal((await asked().check({ service })).status, Status.SERVING);
    const unknown = await asked()
      .check({ service: "nobody" })
      .catch((error: unknown) => ConnectError.from(error));
    assert.ok(unknown instanceof ConnectError && unknown.code === Code.NotFound);
  });

  it("answers List with every one of them", async () => {
    const { statuses } = await asked().list({});
    assert.deepEqual(Object.keys(statuses).sort(), ["", "stoa.ad.v1.AdService"]);
  });

  it("tells whoever watches of each change, and keeps the question after an unknown service open", async () => {
    const end = new AbortController();
    const seen: Status[] = [];
    for await (const { status: now } of asked().watch(
      { service: "stoa.ad.v1.AdService" },
      { signal: end.signal },
    )) {
      seen.push(now);
      health.isServing = now !== Status.SERVING;
      server.refreshHealth();
      if (seen.length === 3) break;
    }
    assert.deepEqual(seen, [Status.SERVING, Status.NOT_SERVING, Status.SERVING]);
    health.isServing = true;
    server.refreshHealth();
    for await (const { status: now } of asked().watch({ service: "nobody" })) {
      assert.equal(now, Status.SERVICE_UNKNOWN);
      break;
    }
  });
});

describe("reflection", () => {
  /** Sends one request in bytes and gives the first answer. */
  async function ask(version: string, request: Buffer): Promise<Buffer> {
    const client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
    const asIs = (bytes: Buffer) => bytes;
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const stream: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(path, asIs, asIs);
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        stream.once("data", resolve).on("error", reject);
        stream.write(request);
        stream.end();
      });
    } finally {
      client.close();
    }
  }
  const text = (field: number, value: string) =>
    Buffer.concat([Buffer.from([(field << 3) | 2, value.length]), Buffer.from(value)]);

  for (const version of ["v1", "v1alpha"]) {
    it(`${version} lists the services, health among them, and gives the file of a symbol`, async () => {
      const names = (await ask(version, text(7, "*"))).toString("latin1");
      assert.match(names, /stoa\.ad\.v1\.AdService/);
      assert.match(names, /grpc\.health\.v1\.Health/);
      const file = (await ask(version, text(4, "grpc.health.v1.Health"))).toString("latin1");
      assert.match(file, /HealthCheckRequest/);
    });
  }

  it("refuses what is no question, and goes on answering", async () => {
    const refused = await ask("v1", Buffer.from([0x0f])).catch((error: unknown) => error as ServiceError);
    assert.equal((refused as ServiceError).code, status.INVALID_ARGUMENT, String(refused));
    assert.match((await ask("v1", text(7, "*"))).toString("latin1"), /AdService/);
  });
});
