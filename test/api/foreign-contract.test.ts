// What a gRPC port offers, as its own reflection tells it.
import assert from "node:assert/strict";
import { it } from "node:test";
import { Client, credentials, type ClientDuplexStream } from "@grpc/grpc-js";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import { openShop } from "#platform/kit/program.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { shop as file } from "../../shop.ts";

/** The bytes of the answer to "list all services": the names stand in them as they are. */
async function reflected(port: number): Promise<string> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const asIs = (bytes: Buffer) => bytes;
  const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
  const stream: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(path, asIs, asIs);
  const answer = await new Promise<Buffer>((resolve, reject) => {
    stream.once("data", resolve).once("error", reject);
    // ServerReflectionRequest { list_services: "*" }
    stream.write(Buffer.from([0x3a, 0x01, 0x2a]));
  });
  stream.end();
  client.close();
  return answer.toString("latin1");
}

it("where the foreign contract is off it is neither bound nor reflected; the shop's own contract is", async () => {
  for (const [isEmbedded, environment, isAnswered] of [
    [false, {}, false],
    [false, { HIPSTERSHOP: "on" }, true],
    [true, {}, true],
    [true, { HIPSTERSHOP: "off" }, false],
  ] as const) {
    const shop = await openShop({
      file,
      only: ["ad"],
      environment: { ...environment, USER_URL: "127.0.0.1:1" },
      config: readConfig(PlatformConfig, { LOG_LEVEL: "silent", ...environment }),
      home: async ({ name }) => await testDatabaseUrl(name),
      isEmbedded,
      serviceKey: "a-key-that-only-tests-know-0123456789",
      host: "127.0.0.1",
      httpPort: undefined,
      operationsPort: undefined,
      grpcPort: 0,
      clock: systemClock,
      log: silentLog,
    });
    try {
      const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${shop.grpcPort}` });
      await createClient(AdService, transport).getAds({ contextKeys: [] });
      const asked = createClient(hipstershop.AdService, transport).getAds({});
      const code = await asked.then(
        () => undefined,
        (error: unknown) => ConnectError.from(error).code,
      );
      assert.equal(code, isAnswered ? undefined : Code.Unimplemented);
      const names = await reflected(shop.grpcPort);
      assert.match(names, /stoa\.ad\.v1\.AdService/);
      assert.equal(names.includes("hipstershop"), isAnswered);
    } finally {
      await shop.close();
    }
  }
});
