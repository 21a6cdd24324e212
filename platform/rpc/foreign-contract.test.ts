import assert from "node:assert/strict";
import { after, it } from "node:test";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { RetryInfoSchema } from "#gen/google/rpc/error_details_pb.js";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { TokenVerifier } from "#platform/auth/token.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { bindRpcs } from "./contract.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { DescService } from "@bufbuild/protobuf";
import { answersForeign, ForeignConfig, ForeignLimits } from "./foreign-contract.ts";
import { openGrpcFront } from "./grpc-front.ts";
import { openGrpcServer } from "./grpc-server.ts";

const noTrust = () => Promise.reject(new Error("Nobody has a token here."));
const verifier = new TokenVerifier(systemClock, noTrust);
const dispatcher = new Dispatcher({ service: "test", clock: systemClock, log: silentLog, verifier });
const done = () => Promise.resolve({});
const bounds = [
  bindRpcs(hipstershop.AdService, undefined, { getAds: done }),
  bindRpcs(hipstershop.PaymentService, undefined, { charge: done }),
  bindRpcs(AdService, undefined, { getAds: done, recordClick: done }),
];

const limitsOf = (environment: { [name: string]: string }) =>
  new ForeignLimits(readConfig(ForeignConfig, environment), systemClock);

async function open(limits: ForeignLimits | undefined, isFront = false) {
  const common = { host: "127.0.0.1", port: 0, clock: systemClock };
  const services = bounds.map((bound) => ({ bound, dispatcher }));
  const serviceKey = "a-key-that-only-tests-know-0123456789";
  const server = await openGrpcServer({
    ...common,
    services,
    serviceKey,
    limits: isFront ? undefined : limits,
  });
  after(async () => await server.close(0));
  const url = `127.0.0.1:${server.port}`;
  const contracts = bounds.map(({ descriptor }) => ({ descriptor, url }));
  const front = isFront
    ? await openGrpcFront({ ...common, contracts, limits, serviceKey, log: silentLog })
    : server;
  after(async () => await front.close(0));
  const transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${front.port}` });
  return {
    ads: () => createClient(hipstershop.AdService, transport).getAds({}),
    charge: () => createClient(hipstershop.PaymentService, transport).charge({}),
    own: () => createClient(AdService, transport).getAds({}),
  };
}

async function refusalOf(call: Promise<unknown>): Promise<ConnectError> {
  return await call.then(
    () => assert.fail("It was let in."),
    (error: unknown) => ConnectError.from(error),
  );
}

for (const isFront of [false, true]) {
  it(`beyond the limit of its address a caller is refused and told when to come back${isFront ? ", at the front door too" : ""}`, async () => {
    const { ads, charge, own } = await open(
      limitsOf({ HIPSTERSHOP_CALLS_PER_MINUTE: "5", HIPSTERSHOP_ACTS_PER_MINUTE: "2" }),
      isFront,
    );
    await charge();
    await charge();
    const refused = await refusalOf(charge());
    assert.equal(refused.code, Code.ResourceExhausted);
    const [retry] = refused.findDetails(RetryInfoSchema);
    assert.ok(Number(retry?.retryDelay?.seconds) >= 1);
    for (let count = 0; count < 3; count += 1) await ads();
    assert.equal((await refusalOf(ads())).code, Code.ResourceExhausted);
    for (let count = 0; count < 10; count += 1) await own();
  });
}

it("each act has a count of its own, and all share the bytes of a minute", async () => {
  const limits = limitsOf({ HIPSTERSHOP_ACTS_PER_MINUTE: "2", HIPSTERSHOP_ACT_BYTES_PER_MINUTE: "1000" });
  const method = (service: DescService, name: string) =>
    service.methods.find((one) => one.name === name) ?? assert.fail(name);
  const charge = method(hipstershop.PaymentService, "Charge");
  const add = method(hipstershop.CartService, "AddItem");
  const peer = "[2001:db8::1]:5000";
  const isLimited = async (taken: Promise<void>) => await assert.rejects(taken, /RATE_LIMITED/);
  for (const one of [charge, add]) {
    await limits.take(one, peer, 10);
    await limits.take(one, peer, 10);
    await isLimited(limits.take(one, peer, 10));
  }
  await limits.take(charge, "192.0.2.1:7", 1_000);
  await isLimited(limits.take(add, "192.0.2.1:7", 1));
  await limits.take(method(hipstershop.CartService, "GetCart"), peer, 10_000);
});

it("a limit of 0, and limits that are off, count nobody", async () => {
  for (const limits of [
    undefined,
    limitsOf({ HIPSTERSHOP_CALLS_PER_MINUTE: "0", HIPSTERSHOP_ACTS_PER_MINUTE: "0" }),
  ]) {
    const { charge } = await open(limits);
    for (let count = 0; count < 10; count += 1) await charge();
  }
});

it("the contract is answered by the whole shop on one machine, elsewhere when it is said", () => {
  const answers = (isWhole: boolean, environment = {}) =>
    answersForeign(readConfig(ForeignConfig, environment), isWhole);
  assert.deepEqual([answers(true), answers(false)], [true, false]);
  for (const isWhole of [true, false]) {
    assert.equal(answers(isWhole, { HIPSTERSHOP: "on" }), true);
    assert.equal(answers(isWhole, { HIPSTERSHOP: "off" }), false);
  }
});
