// From where a caller is said to ask, on every way a call can come.
import assert from "node:assert/strict";
import { after, it } from "node:test";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { create, toBinary } from "@bufbuild/protobuf";
import { AdService, GetAdsRequestSchema } from "#gen/stoa/ad/v1/ad_pb.js";
import { bodyHash } from "#platform/auth/service-proof.ts";
import { TokenVerifier } from "#platform/auth/token.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { addressOfPeer, tellClientAddress } from "./client-address.ts";
import { bindRpcs, type Call } from "./contract.ts";
import { Dispatcher } from "./dispatcher.ts";
import { createGrpcClient } from "./grpc-client.ts";
import { openGrpcFront } from "./grpc-front.ts";
import { openGrpcServer } from "./grpc-server.ts";
import { createLocalClient } from "./local.ts";

const serviceKey = "a-key-that-only-tests-know-0123456789";
let seen: Pick<Call, "clientAddress" | "service"> | undefined;
const bound = bindRpcs(AdService, undefined, {
  getAds: (_ctx, _request, { clientAddress, service }) => {
    seen = { clientAddress, service };
    return Promise.resolve({});
  },
  recordClick: () => Promise.resolve({}),
});
const verifier = new TokenVerifier(systemClock, () => Promise.reject(new Error("No token is expected.")));
const dispatcher = new Dispatcher({ service: "ad", clock: systemClock, log: silentLog, verifier });
const common = { host: "127.0.0.1", port: 0, clock: systemClock, serviceKey };
const server = await openGrpcServer({ ...common, services: [{ bound, dispatcher }] });
after(async () => await server.close(0));
const contracts = [{ descriptor: AdService, url: `127.0.0.1:${server.port}` }];
const front = await openGrpcFront({ ...common, contracts, log: silentLog });
after(async () => await front.close(0));

const path = "/stoa.ad.v1.AdService/GetAds";
const body = Buffer.from(toBinary(GetAdsRequestSchema, create(GetAdsRequestSchema, {})));

async function asked(port: number, metadata = new Metadata()) {
  const channel = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const asIs = (bytes: Buffer) => bytes;
  await new Promise<void>((resolve, reject) => {
    channel.makeUnaryRequest(path, asIs, asIs, body, metadata, (error) =>
      error ? reject(error) : resolve(),
    );
  });
  channel.close();
  return seen;
}

function told(address: string, { key = serviceKey, of = path } = {}): Metadata {
  const metadata = new Metadata();
  const call = { path: of, bodyHash: bodyHash(body), token: undefined };
  tellClientAddress(metadata, address, { caller: "gateway", serviceKey: key, clock: systemClock }, call);
  return metadata;
}

it("a caller from outside asks from the other end of the connection, also through the front door", async () => {
  for (const { port } of [server, front])
    assert.deepEqual(await asked(port), { clientAddress: "127.0.0.1", service: undefined });
});

it("what a caller from outside says of an address counts for nothing", async () => {
  const bare = new Metadata();
  bare.set("x-stoa-client-address", "203.0.113.9");
  bare.set("x-forwarded-for", "203.0.113.9");
  const forged = told("203.0.113.9", { key: "another-key-that-is-no-good-0123456789" });
  const ofAnotherCall = told("203.0.113.9", { of: "/stoa.ad.v1.AdService/RecordClick" });
  for (const { port } of [server, front])
    for (const metadata of [bare, forged, ofAnotherCall])
      assert.equal((await asked(port, metadata))?.clientAddress, "127.0.0.1");
  // Not even what another process of the shop has said: those behind hear the front door only.
  assert.equal((await asked(front.port, told("203.0.113.9")))?.clientAddress, "127.0.0.1");
});

it("a service of the shop says where its client is, over both transports, and gets no right by it alone", async () => {
  const address = "203.0.113.7";
  const url = `127.0.0.1:${server.port}`;
  const { client: remote, close } = createGrpcClient(AdService, { ...common, url, caller: "gateway" });
  const local = createLocalClient(AdService, {
    ...common,
    caller: "gateway",
    peer: () => ({ bound, dispatcher }),
  });
  for (const client of [remote, local]) {
    await client.getAds({}, { clientAddress: address });
    assert.deepEqual(seen, { clientAddress: address, service: "gateway" });
    await client.getAds({});
    assert.deepEqual(seen, { clientAddress: undefined, service: "gateway" });
  }
  close();
  assert.deepEqual(await asked(server.port, told(address)), { clientAddress: address, service: undefined });
});

it("an address is read from what gRPC says of a peer", () => {
  for (const [peer, address] of [
    ["127.0.0.1:50122", "127.0.0.1"],
    ["[::1]:50122", "::1"],
    ["[::ffff:10.0.0.7]:1", "10.0.0.7"],
  ] as const)
    assert.equal(addressOfPeer(peer), address);
});
