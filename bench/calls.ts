// What a call between services costs: inside one process against a plain function, over gRPC against grpc-js without our code.
import {
  Client,
  Metadata,
  Server,
  ServerCredentials,
  credentials,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { create, fromBinary, toBinary, type Message } from "@bufbuild/protobuf";
import {
  AdService,
  GetAdsRequestSchema,
  GetAdsResponseSchema,
  type GetAdsRequest,
} from "#gen/stoa/ad/v1/ad_pb.js";
import { TokenVerifier } from "#platform/auth/token.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { randomSecret } from "#platform/kit/ids.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { Dispatcher } from "#platform/rpc/dispatcher.ts";
import { asBuffer, createGrpcClient } from "#platform/rpc/grpc-client.ts";
import { openGrpcServer } from "#platform/rpc/grpc-server.ts";
import { createLocalClient } from "#platform/rpc/local.ts";
import { NeighbourGuard } from "#platform/rpc/neighbour.ts";
import { Scope } from "#platform/rpc/scope.ts";
import { cpuMicros, takeTurns } from "./measure.ts";
import { figure, times, type Row } from "./table.ts";

const request = { contextKeys: ["kitchen", "home-living"], limit: 2 };
const ads = ["1", "2"].map((id) => ({
  id,
  redirectUrl: `/product/${id}`,
  text: "Mugs for the whole family, this week only.",
  imageUrl: `/images/${id}.webp`,
}));

/** The trivial RPC: it answers what it always answers. */
function getAds(_ctx: undefined, { limit }: GetAdsRequest) {
  return Promise.resolve({ ads: ads.slice(0, limit) });
}

const bound = bindRpcs(AdService, undefined, {
  getAds,
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

/** The trivial RPC in this process, for others who measure what goes on around it. */
export const adPeer = { bound, dispatcher };
export const adRequest = request;

/** One call after the other, so that nothing is measured but the way. */
async function repeat(count: number, work: () => Promise<unknown>): Promise<void> {
  for (let index = 0; index < count; index += 1) await work();
}

export async function benchCalls({ rounds, count }: { rounds: number; count: number }): Promise<Row[]> {
  return [...(await benchLocal(rounds, count)), ...(await benchRemote(rounds, Math.ceil(count / 10)))];
}

async function benchLocal(rounds: number, count: number): Promise<Row[]> {
  const local = createLocalClient(AdService, { caller: "gateway", clock: systemClock, peer: () => adPeer });
  const asked = create(GetAdsRequestSchema, request);
  const answered = create(GetAdsResponseSchema, { ads });
  const turns = await takeTurns(rounds, {
    call: () => cpuMicros(count, () => repeat(count, () => local.getAds(request))),
    direct: () => cpuMicros(count, () => repeat(count, () => getAds(undefined, asked))),
    json: () => cpuMicros(count, () => repeat(count, () => overJson(asked, answered))),
    protobuf: () => cpuMicros(count, () => repeat(count, () => overProtobuf(asked, answered))),
  });
  const rowAgainst = (name: "direct" | "json" | "protobuf", what: string): Row => ({
    what: "call in one process",
    figure: figure(turns.median("call"), "µs CPU"),
    limit: `${what}: ${figure(turns.median(name), "µs CPU")}`,
    ratio: times(turns.ratio("call", name)),
  });
  return [
    rowAgainst("direct", "an async function"),
    rowAgainst("json", "JSON there and back"),
    rowAgainst("protobuf", "protobuf there and back"),
  ];
}

function overJson(asked: object, answered: object): Promise<unknown> {
  const question: unknown = JSON.parse(JSON.stringify(asked));
  const answer: unknown = JSON.parse(JSON.stringify(answered));
  return Promise.resolve([question, answer]);
}

function overProtobuf(
  asked: GetAdsRequest,
  answered: Message<"stoa.ad.v1.GetAdsResponse">,
): Promise<unknown> {
  const question = fromBinary(GetAdsRequestSchema, toBinary(GetAdsRequestSchema, asked));
  const answer = fromBinary(GetAdsResponseSchema, toBinary(GetAdsResponseSchema, answered as never));
  return Promise.resolve([question, answer]);
}

async function benchRemote(rounds: number, count: number): Promise<Row[]> {
  const [ours, bare] = [await openOurs(), await openBare()];
  const guard = new NeighbourGuard({
    caller: "gateway",
    neighbour: "ad",
    clock: systemClock,
    log: silentLog,
    knock: () => Promise.resolve(true),
  });
  const scope = new Scope(systemClock, 3_600_000);
  const guarded = () => guard.call(() => Promise.resolve(), { scope, isRepeatable: true });
  try {
    const turns = await takeTurns(rounds, {
      call: () => cpuMicros(count, () => repeat(count, () => ours.call())),
      bare: () => cpuMicros(count, () => repeat(count, () => bare.call())),
      guard: () => cpuMicros(10 * count, () => repeat(10 * count, guarded)),
    });
    return [
      {
        what: "call over gRPC, both ends",
        figure: figure(turns.median("call"), "µs CPU"),
        limit: `grpc-js alone: ${figure(turns.median("bare"), "µs CPU")}`,
        ratio: times(turns.ratio("call", "bare")),
      },
      {
        what: "guard of such a call: breaker, bulkhead, retries",
        figure: figure(turns.median("guard"), "µs CPU"),
        limit: `the call: ${figure(turns.median("call"), "µs CPU")}`,
        ratio: times(turns.ratio("guard", "call")),
      },
    ];
  } finally {
    scope.close();
    guard.close();
    await Promise.all([ours.close(), bare.close()]);
  }
}

interface Remote {
  call(): Promise<unknown>;
  close(): Promise<void>;
}

async function openOurs(): Promise<Remote> {
  const serviceKey = randomSecret();
  const services = [{ bound, dispatcher }];
  const server = await openGrpcServer({
    host: "127.0.0.1",
    port: 0,
    services,
    serviceKey,
    clock: systemClock,
  });
  const url = `127.0.0.1:${server.port}`;
  const remote = createGrpcClient(AdService, {
    url,
    caller: "gateway",
    serviceKey,
    clock: systemClock,
  });
  return {
    call: () => remote.client.getAds(request),
    close: async () => {
      remote.close();
      await server.close(100);
    },
  };
}

const path = "/bench.Echo/GetAds";
const definition: ServiceDefinition = {
  getAds: {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: (message: GetAdsRequest) => asBuffer(toBinary(GetAdsRequestSchema, message)),
    requestDeserialize: (bytes: Buffer) => fromBinary(GetAdsRequestSchema, bytes),
    responseSerialize: (message: { ads: typeof ads }) =>
      asBuffer(toBinary(GetAdsResponseSchema, create(GetAdsResponseSchema, message))),
    responseDeserialize: (bytes: Buffer) => fromBinary(GetAdsResponseSchema, bytes),
  },
};

async function openBare(): Promise<Remote> {
  const server = new Server();
  server.addService(definition, {
    getAds: ({ request: { limit } }: ServerUnaryCall<GetAdsRequest, object>, answer: sendUnaryData<object>) =>
      answer(null, { ads: ads.slice(0, limit) }),
  });
  const bind = Promise.withResolvers<number>();
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
    error ? bind.reject(error) : bind.resolve(port),
  );
  const client = new Client(`127.0.0.1:${await bind.promise}`, credentials.createInsecure());
  const { requestSerialize, responseDeserialize } = definition["getAds"] ?? {};
  if (!requestSerialize || !responseDeserialize) throw new Error("The bare gRPC service has no definition.");
  return {
    call: () =>
      new Promise((resolve, reject) => {
        const message = create(GetAdsRequestSchema, request);
        const deadline = Date.now() + 10_000;
        const done = (error: Error | null, answer?: unknown) => (error ? reject(error) : resolve(answer));
        client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          message,
          new Metadata(),
          { deadline },
          done,
        );
      }),
    close: () => {
      client.close();
      return new Promise((resolve) => server.tryShutdown(() => resolve()));
    },
  };
}
