// One suite over both transports: whatever holds on the wire holds inside one process.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { Client as GrpcChannel, Metadata, credentials } from "@grpc/grpc-js";
import { AdService, GetAdsRequestSchema, type GetAdsRequest } from "#gen/stoa/ad/v1/ad_pb.js";
import { bodyHash, signCall, streamed } from "#platform/auth/service-proof.ts";
import { TokenVerifier } from "#platform/auth/token.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { AppError, appError } from "#platform/kit/errors.ts";
import { allowFaults, Faults } from "#platform/kit/faults.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { runInsideTransaction } from "#platform/database/transaction-scope.ts";
import { traceFrom } from "#platform/telemetry/trace.ts";
import { bindRpcs, type Call, type CallOptions, type Client } from "./contract.ts";
import { Dispatcher } from "./dispatcher.ts";
import { createGrpcClient } from "./grpc-client.ts";
import { openGrpcServer } from "./grpc-server.ts";
import { createLocalClient } from "./local.ts";
import { Scope } from "./scope.ts";
import { isOfTheWay, wasNotSent } from "./status.ts";

type Handler = (request: GetAdsRequest, call: Call) => Promise<object>;

let handler: Handler = () => Promise.resolve({});
const bound = bindRpcs(AdService, undefined, {
  getAds: (_ctx, request, call) => handler(request, call),
  recordClick: () => Promise.resolve({ redirectUrl: "/" }),
});
const noTokens = () =>
  Promise.resolve({ keys: new Map(), revokedTokenIds: new Set<string>(), cutoffsMs: new Map() });
const dispatcher = new Dispatcher({
  service: "ad",
  clock: systemClock,
  log: silentLog,
  verifier: new TokenVerifier(systemClock, noTokens),
});
const serviceKey = "transport-test-key-0123456789abcdef";

const openers: {
  name: string;
  open: () => Promise<{ client: Client<typeof AdService>; close: () => Promise<void> }>;
}[] = [
  {
    name: "in one process",
    open: () =>
      Promise.resolve({
        client: createLocalClient(AdService, {
          caller: "checkout",
          clock: systemClock,
          peer: () => ({ bound, dispatcher }),
        }),
        close: () => Promise.resolve(),
      }),
  },
  {
    name: "over gRPC",
    open: async () => {
      const services = [{ bound, dispatcher }];
      const server = await openGrpcServer({
        host: "127.0.0.1",
        port: 0,
        services,
        serviceKey,
        clock: systemClock,
      });
      const url = `127.0.0.1:${server.port}`;
      const remote = createGrpcClient(AdService, { url, caller: "checkout", serviceKey, clock: systemClock });
      return {
        client: remote.client,
        close: async () => {
          remote.close();
          await server.close(100);
        },
      };
    },
  },
];

/** What a rule of fault injection makes of calls while `work` runs. */
async function withFault(rule: object, work: () => Promise<void>): Promise<void> {
  const reasons = { AD_NOT_FOUND: { kind: "not_found", meaning: "There is no such ad." } } as const;
  const faults = new Faults({ services: ["ad"], reasons, clock: systemClock, log: silentLog });
  const until = new Date(Date.now() + 60_000).toISOString();
  const value = [{ where: "rpc:stoa.ad.v1.AdService/GetAds", share: 1, until, ...rule }];
  allowFaults(true);
  faults.hear([{ name: "faults", value, share: 1, reason: "a test", by: "", at: new Date() }]);
  try {
    await work();
  } finally {
    faults.close();
    allowFaults(false);
  }
}

for (const { name, open } of openers) {
  describe(`a call ${name}`, () => {
    let client: Client<typeof AdService>;

    it("that fails on purpose looks to its caller like one whose answer never came, and the handler has not run", async () => {
      let runs = 0;
      handler = async () => await Promise.resolve({ ads: [], runs: (runs += 1) });
      for (const fail of ["UNAVAILABLE", "DEADLINE_EXCEEDED"])
        await withFault({ fail }, async () => {
          const failure = await client.getAds({}).then(
            () => assert.fail("it was answered"),
            (error: unknown) => error,
          );
          assert.ok(isOfTheWay(failure), String(failure));
          assert.ok(!wasNotSent(failure));
          await client.recordClick({});
        });
      assert.equal(runs, 0);
    });

    it("that is refused on purpose, or only when it asks for that by name, says so like a real one", async () => {
      handler = async () => await Promise.resolve({ ads: [] });
      const rule = { refuse: "AD_NOT_FOUND", header: "X-Stoa-Fault: gone" };
      await withFault(rule, async () => {
        await client.getAds({});
        const scope = new Scope(systemClock, 5_000);
        scope.askedFault = "gone";
        await assert.rejects(client.getAds({}, { scope }), { kind: "not_found", reason: "AD_NOT_FOUND" });
        scope.close();
      });
      await client.getAds({});
    });

    it("that is slow on purpose ends at its own deadline", async () => {
      await withFault({ delayMs: 30_000 }, async () => {
        await assert.rejects(client.getAds({}, { timeoutMs: 50 }), { kind: "deadline_exceeded" });
      });
    });

    let close: () => Promise<void>;
    before(async () => ({ client, close } = await open()));
    after(async () => await close());

    const refusalOf = async (options?: CallOptions): Promise<AppError> =>
      await client.getAds({}, options).then(
        () => assert.fail("The call should have been refused."),
        (error: unknown) => (error instanceof AppError ? error : assert.fail(String(error))),
      );

    it("hands over by value: neither side sees the other's later changes", async () => {
      const keys = ["mug"];
      let seen: GetAdsRequest | undefined;
      const ads = [{ id: "1", text: "before", redirectUrl: "/" }];
      handler = (request) => {
        seen = request;
        request.contextKeys.push("added by the handler");
        return Promise.resolve({ ads });
      };
      const answer = await client.getAds({ contextKeys: keys });
      const [ad] = ads;
      if (ad) ad.text = "after";
      assert.deepEqual(keys, ["mug"]);
      assert.deepEqual(seen?.contextKeys, ["mug", "added by the handler"]);
      assert.equal(answer.ads[0]?.text, "before");
    });

    it("fills in what is absent: zero, empty text, empty list", async () => {
      handler = (request) => {
        assert.equal(request.limit, 0);
        assert.deepEqual(request.contextKeys, []);
        return Promise.resolve({ ads: [{}] });
      };
      const { ads } = await client.getAds({});
      assert.deepEqual(
        { ...ads[0] },
        { $typeName: "stoa.ad.v1.Ad", id: "", redirectUrl: "", text: "", imageUrl: "" },
      );
    });

    it("refuses a value of the wrong type before the handler sees it", async () => {
      handler = () => assert.fail("The handler must not run.");
      await assert.rejects(client.getAds({ limit: 1.5 }), /limit/);
    });

    it("carries request id, trace and the proved name of the caller", async () => {
      const trace = traceFrom("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
      handler = (_request, call) => {
        assert.equal(call.requestId, "req-1");
        assert.equal(call.trace.traceId, trace.traceId);
        assert.equal(call.service, "checkout");
        assert.equal(call.actor.kind, "anonymous");
        return Promise.resolve({});
      };
      await client.getAds({}, { requestId: "req-1", trace });
    });

    it("brings a refusal back with kind, reason, details, violations and patience, but never its cause", async () => {
      handler = () => {
        throw appError("conflict", "STOCK_SHORT", {
          publicMessage: "Too few are left.",
          details: { lines: [{ left: 1 }] },
          violations: [{ path: "items[0]", message: "is too many" }],
          retryAfterSeconds: 7,
          cause: new Error("connect to 10.0.0.1 failed"),
        });
      };
      const refusal = await refusalOf();
      assert.equal(refusal.kind, "conflict");
      assert.equal(refusal.reason, "STOCK_SHORT");
      assert.equal(refusal.publicMessage, "Too few are left.");
      assert.deepEqual(refusal.details, { lines: [{ left: 1 }] });
      assert.deepEqual(refusal.violations, [{ path: "items[0]", message: "is too many" }]);
      assert.equal(refusal.retryAfterSeconds, 7);
      assert.equal(refusal.cause, undefined);
    });

    it("shows a bug as an internal error that tells nothing", async () => {
      handler = () => Promise.reject(new Error("secret table users"));
      const refusal = await refusalOf();
      assert.equal(refusal.kind, "internal");
      assert.doesNotMatch(refusal.message, /secret/);
      assert.equal(refusal.cause, undefined);
    });

    it("answers at the deadline although the handler goes on, and tells the handler", async () => {
      let told: Promise<unknown> = Promise.resolve();
      handler = (_request, call) => {
        told = new Promise((resolve) => call.scope.onEnd(resolve));
        return new Promise(() => undefined);
      };
      const refusal = await refusalOf({ timeoutMs: 100 });
      assert.equal(refusal.kind, "deadline_exceeded");
      assert.equal(refusal.reason, "DEADLINE_EXCEEDED");
      await told;
    });

    it("gives the handler what is left of the caller's deadline, never more", async () => {
      const scope = new Scope(systemClock, 2_000);
      handler = (_request, call) => {
        assert.ok(call.scope.remainingMs <= 2_000 && call.scope.remainingMs > 500);
        return Promise.resolve({});
      };
      await client.getAds({}, { scope, timeoutMs: 60_000 });
      scope.close();
    });

    it("ends with its caller, and the handler's signal aborts", async () => {
      const scope = new Scope(systemClock, 5_000);
      let aborted: Promise<unknown> = Promise.resolve();
      handler = (_request, call) => {
        aborted = new Promise((resolve) => call.scope.signal.addEventListener("abort", resolve));
        scope.cancel();
        return new Promise(() => undefined);
      };
      const refusal = await refusalOf({ scope });
      assert.equal(refusal.kind, "canceled");
      await aborted;
    });

    it("refuses a token that does not verify before the handler sees it", async () => {
      handler = () => assert.fail("The handler must not run.");
      const refusal = await refusalOf({ token: "a.b.c" });
      assert.equal(refusal.kind, "unauthenticated");
      assert.equal(refusal.reason, "TOKEN_INVALID");
    });

    it("cannot be made inside a database transaction", async () => {
      handler = () => assert.fail("The handler must not run.");
      await assert.rejects(
        runInsideTransaction(async () => await client.getAds({})),
        /inside a database transaction/,
      );
    });
  });
}

it("a dead peer is refused as unavailable, with the outcome unknown", async () => {
  const { client, close } = createGrpcClient(AdService, {
    url: "127.0.0.1:1",
    caller: "checkout",
    serviceKey,
    clock: systemClock,
  });
  const refusal = await client.getAds({}, { timeoutMs: 2_000 }).catch((error: unknown) => error);
  assert.ok(refusal instanceof AppError);
  assert.equal(refusal.kind, "unavailable");
  assert.equal(refusal.reason, "NEIGHBOUR_UNAVAILABLE");
  close();
});

it("an outside caller cannot pass for a service: a proof under another key proves nothing", async () => {
  const services = [{ bound, dispatcher }];
  const server = await openGrpcServer({
    host: "127.0.0.1",
    port: 0,
    services,
    serviceKey,
    clock: systemClock,
  });
  const { client, close } = createGrpcClient(AdService, {
    url: `127.0.0.1:${server.port}`,
    caller: "checkout",
    serviceKey: "another-key-another-key-another-key",
    clock: systemClock,
  });
  handler = (_request, call) => {
    assert.equal(call.service, undefined);
    return Promise.resolve({});
  };
  await client.getAds({});
  close();
  await server.close(100);
});

it("a proof that was seen on the wire serves for the same call only: not for another body, token or method", async () => {
  const services = [{ bound, dispatcher }];
  const server = await openGrpcServer({
    host: "127.0.0.1",
    port: 0,
    services,
    serviceKey,
    clock: systemClock,
  });
  const channel = new GrpcChannel(`127.0.0.1:${server.port}`, credentials.createInsecure());
  const callers: (string | undefined)[] = [];
  handler = (_request, call) => (callers.push(call.service), Promise.resolve({}));
  const bytes = Buffer.from(
    toBinary(GetAdsRequestSchema, create(GetAdsRequestSchema, { contextKeys: ["a"] })),
  );
  const method = "/stoa.ad.v1.AdService/GetAds";
  const nowMs = systemClock.now().getTime();
  const send = async (proof: string, body: Buffer) => {
    const metadata = new Metadata();
    metadata.set("x-stoa-service", proof);
    const asIs = (message: Buffer) => message;
    await new Promise<void>((resolve, reject) =>
      channel.makeUnaryRequest(method, asIs, asIs, body, metadata, (error) =>
        error ? reject(error) : resolve(),
      ),
    );
    return callers.pop();
  };
  const proof = (call: object) =>
    signCall("checkout", serviceKey, nowMs, {
      method,
      bodyHash: bodyHash(bytes),
      said: [undefined],
      ...call,
    });
  try {
    assert.equal(await send(proof({}), bytes), "checkout");
    assert.equal(await send(proof({}), Buffer.alloc(0)), undefined);
    assert.equal(await send(proof({ said: ["a token that was taken off"] }), bytes), undefined);
    assert.equal(await send(proof({ method: "/stoa.ad.v1.AdService/RecordClick" }), bytes), undefined);
    assert.equal(await send(proof({ bodyHash: streamed }), bytes), undefined);
  } finally {
    channel.close();
    await server.close(100);
  }
});
