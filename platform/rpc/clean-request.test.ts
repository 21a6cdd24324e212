// What no request may hold: on every text of every RPC there is, and on the wire.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, it } from "node:test";
import { create, ScalarType, type DescFile, type DescMessage, type Message } from "@bufbuild/protobuf";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { TokenVerifier } from "#platform/auth/token.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { AppError, isKind } from "#platform/kit/errors.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { clampedTimeout } from "./call-deadline.ts";
import { outsideBounds, requireCleanRequest, serviceBounds } from "./clean-request.ts";
import { bindRpcs } from "./contract.ts";
import { Dispatcher } from "./dispatcher.ts";
import { openGrpcServer } from "./grpc-server.ts";

const gen = new URL("../../gen/", import.meta.url);
const requests: DescMessage[] = [];
for (const path of readdirSync(gen, { recursive: true, encoding: "utf8" })) {
  if (!path.endsWith("_pb.js")) continue;
  const module = (await import(new URL(path, gen).href)) as Record<string, DescFile>;
  const file = Object.values(module).find((value) => value.kind === "file");
  for (const service of file?.services ?? []) requests.push(...service.methods.map(({ input }) => input));
}

/** A request with `text` in one place, for every place that a text can stand in. */
function* everyPlace(schema: DescMessage, text: string, depth = 0): Generator<object> {
  if (depth > 5) return;
  for (const field of schema.fields) {
    const at = (value: unknown) =>
      field.oneof
        ? { [field.oneof.localName]: { case: field.localName, value } }
        : { [field.localName]: value };
    const inner = "message" in field ? field.message : undefined;
    if (inner?.typeName === "google.protobuf.Struct") {
      yield at({ a: ["b", { c: text }] });
      yield at({ [text]: 1 });
    } else if (inner) {
      for (const value of everyPlace(inner, text, depth + 1)) {
        if (field.fieldKind === "list") yield at([value]);
        else yield at(field.fieldKind === "map" ? { key: value } : value);
      }
    }
    const scalar = "scalar" in field ? field.scalar : undefined;
    if (field.fieldKind === "map" && field.mapKey === ScalarType.STRING && !inner) yield at({ [text]: "" });
    if (scalar !== ScalarType.STRING) continue;
    if (field.fieldKind === "list") yield at(["fine", text]);
    else yield at(field.fieldKind === "map" ? { key: text } : text);
  }
}

const faultOf = (schema: DescMessage, init: object, bounds = outsideBounds) => {
  try {
    requireCleanRequest(schema, create(schema, init as never) as Message, bounds);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof AppError && isKind(error, "invalid"), String(error));
    return error.violations[0]?.path;
  }
};

it("a NUL, half a surrogate pair and a text too long are refused in every place of every request", () => {
  let places = 0;
  for (const schema of requests) {
    for (const text of ["a\0", "\ud800", "x\udfff", "x".repeat(64 * 1024 + 1), "ü".repeat(33_000)]) {
      for (const init of everyPlace(schema, text)) {
        places += 1;
        assert.ok(faultOf(schema, init), `${schema.typeName} ${Object.keys(init).join()}`);
      }
    }
    for (const text of ["", "plain", "\u{1F989} ü \n \u0001", "x".repeat(64 * 1024)])
      for (const init of everyPlace(schema, text))
        assert.equal(faultOf(schema, init), undefined, schema.typeName);
  }
  assert.ok(places > 1_000, `${places} places`);
});

it("the path names the place", () => {
  const items = [{ item: { productId: "a" } }, { item: { productId: "b\0" } }];
  const schema = hipstershop.SendOrderConfirmationRequestSchema;
  assert.equal(faultOf(schema, { order: { items } }), "order.items[1].item.productId");
  assert.equal(faultOf(schema, { order: { orderId: "x".repeat(100_000) } }, serviceBounds), undefined);
});

const left: number[] = [];
const verifier = new TokenVerifier(systemClock, () => Promise.reject(new Error("No token is expected.")));
const dispatcher = new Dispatcher({ service: "test", clock: systemClock, log: silentLog, verifier });
const services = [
  bindRpcs(AdService, undefined, {
    getAds: (_ctx, _request, { scope }) => {
      left.push(scope.remainingMs);
      return Promise.resolve({});
    },
    recordClick: () => Promise.resolve({}),
  }),
  bindRpcs(hipstershop.EmailService, undefined, { sendOrderConfirmation: () => Promise.resolve({}) }),
].map((bound) => ({ bound, dispatcher }));
const server = await openGrpcServer({
  host: "127.0.0.1",
  port: 0,
  serviceKey: "a-key-that-only-tests-know-0123456789",
  services,
  clock: systemClock,
});
after(async () => await server.close(0));
const channel = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
after(() => channel.close());

async function codeOf(path: string, bytes: Buffer, metadata = new Metadata()): Promise<number> {
  const asIs = (raw: Buffer) => raw;
  return await new Promise((resolve) => {
    channel.makeUnaryRequest(path, asIs, asIs, bytes, metadata, (error) => resolve(error?.code ?? status.OK));
  });
}

/** Field 1 of a message, as text of these bytes. */
const text = (bytes: Buffer) =>
  Buffer.concat([Buffer.from([0x0a, 0x80 | (bytes.length & 0x7f), bytes.length >> 7]), bytes]);

it("bytes that are no message, or no UTF-8, are INVALID_ARGUMENT, and so is what is too large for an order", async () => {
  const ads = "/stoa.ad.v1.AdService/GetAds";
  for (const bytes of [
    Buffer.from([0xff]),
    Buffer.from([0x0a, 0x05, 0x61]),
    text(Buffer.from([0x61, 0xff])),
    text(Buffer.from([0xed, 0xa0, 0x80])),
    text(Buffer.from("a\0b")),
    Buffer.alloc(5_000, 0x0b),
  ])
    assert.equal(await codeOf(ads, bytes), status.INVALID_ARGUMENT, bytes.subarray(0, 9).toString("hex"));
  assert.equal(await codeOf(ads, text(Buffer.from("plain"))), status.OK);
  const mail = "/hipstershop.EmailService/SendOrderConfirmation";
  assert.equal(await codeOf(mail, text(Buffer.from("a@example.com"))), status.OK);
  assert.equal(await codeOf(mail, text(Buffer.alloc(1_100, "a"))), status.INVALID_ARGUMENT);
  const many = Buffer.concat(Array.from({ length: 40 }, () => text(Buffer.alloc(1_000, "a"))));
  assert.equal(await codeOf(mail, many), status.INVALID_ARGUMENT);
});

it("a deadline beyond reason is ten minutes, one that means nothing is none, and a negative one is over", async () => {
  for (const [said, heard] of [
    ["720H", "600S"],
    ["99999999H", "600S"],
    ["2592000000m", "600S"],
    ["10M", "600S"],
    ["9M", "9M"],
    ["1500m", "1500m"],
    ["123456789u", "123456m"],
    ["-5S", "0n"],
    ["soon", undefined],
    ["", undefined],
    ["5", undefined],
    ["1e9S", undefined],
  ] as const)
    assert.equal(clampedTimeout(said), heard, said);
  for (const [header, leftMs] of [
    ["720H", 600_000],
    ["99999999S", 600_000],
    ["soon", 10_000],
    ["4S", 4_000],
  ] as const) {
    const metadata = new Metadata();
    metadata.set("grpc-timeout", header);
    assert.equal(await codeOf("/stoa.ad.v1.AdService/GetAds", Buffer.alloc(0), metadata), status.OK, header);
    const ms = left.pop() ?? 0;
    assert.ok(ms > leftMs - 3_000 && ms <= leftMs, `${header}: ${ms}`);
  }
});
