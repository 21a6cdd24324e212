import assert from "node:assert/strict";
import { it } from "node:test";
import { stripVTControlCharacters, styleText } from "node:util";
import { AdService } from "#gen/stoa/ad/v1/ad_pb.js";
import { TokenVerifier } from "#platform/auth/token.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { Secret } from "#platform/kit/config.ts";
import { appError } from "#platform/kit/errors.ts";
import { createLogger, type Logger } from "./log.ts";
import { bindRpcs, type Call } from "#platform/rpc/contract.ts";
import { Dispatcher } from "#platform/rpc/dispatcher.ts";
import { createLocalClient } from "#platform/rpc/local.ts";
import { traceFrom } from "./trace.ts";

type Line = Record<string, unknown>;

function recorded(format: "json" | "pretty" = "json"): {
  log: Logger;
  text: () => string;
  lines: () => Line[];
} {
  const written: string[] = [];
  const log = createLogger({ level: "debug", format }, (line) => void written.push(line));
  return {
    log,
    text: () => written.join(""),
    lines: () => written.map((line) => JSON.parse(line) as Line),
  };
}

const secret = "s3cret-value-nobody-may-see";

const places: [string, object][] = [
  ["at the top", { password: secret }],
  ["nested", { a: { b: { c: { d: { password: secret } } } } }],
  ["in a list", { users: [{ refresh_token: secret }, { accessToken: secret }] }],
  ["in headers", { headers: { authorization: `Bearer ${secret}`, "Set-Cookie": secret } }],
  ["in a card", { card: { number: secret, cvc: secret } }],
  ["in card fields", { payment: { credit_card_number: secret, credit_card_cvv: secret } }],
  ["in an error's details", { err: appError("invalid", "X", { details: { card: { cvc: secret } } }) }],
  [
    "in a cause",
    { err: new Error("outer", { cause: Object.assign(new Error("inner"), { token: secret }) }) },
  ],
  ["in a Secret", { key: new Secret(secret), list: [new Secret(secret)] }],
  [
    "in the row that PostgreSQL shows",
    { err: Object.assign(new Error("refused"), { severity: "ERROR", detail: `Key (email)=(${secret})` }) },
  ],
];

for (const [where, fields] of places) {
  it(`a secret ${where} never reaches the log, in either format`, () => {
    for (const format of ["json", "pretty"] as const) {
      const { log, text } = recorded(format);
      log.info(fields, "Something happened.");
      log.child(fields).warn("Something else.");
      assert.ok(text().includes("Something happened."));
      assert.ok(!text().includes(secret), text());
    }
  });
}

for (const number of ["4242424242424242", "4242 4242 4242 4242", "378282246310005", "5555-5555-5555-4444"]) {
  it(`the card number ${number.slice(0, 4)}… is censored in the middle of texts`, () => {
    const { log, text } = recorded();
    log.error({ err: new Error(`charge of ${number} refused`) }, `The card ${number} was refused.`);
    assert.ok(!text().includes(number), text());
    assert.ok(text().includes("was refused."));
  });
}

it("a token is censored in the middle of a text, whatever the field", () => {
  const { log, text } = recorded();
  const token = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";
  log.info({ header: `Bearer ${token}` }, `Got ${token}.`);
  assert.ok(!text().includes("eyJ"), text());
});

it("ids, times and amounts are left as they are", () => {
  const { log, lines } = recorded();
  const facts = {
    id: "01893e5b-4242-7242-8242-424242424242",
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    atMs: 1_790_000_000_000,
    amount: "4242424242.42",
  };
  log.info(facts, "Fine.");
  const [line] = lines();
  assert.deepEqual({ ...line, time: 0 }, { level: "info", time: 0, kind: "app", ...facts, msg: "Fine." });
});

it("an error is logged with its type, message, stack and causes", () => {
  const { log, lines } = recorded();
  log.error({ err: appError("unavailable", "DOWN", { cause: new RangeError("root") }) }, "It broke.");
  const err = lines()[0]?.["err"] as {
    type: string;
    reason: string;
    stack: string;
    cause: { message: string };
  };
  assert.equal(err.type, "AppError");
  assert.equal(err.reason, "DOWN");
  assert.match(err.stack, /log\.test\.ts/);
  assert.equal(err.cause.message, "root");
});

it("on a terminal a request is one short line, and what is wrong and what became of an order are coloured", () => {
  const written: string[] = [];
  const write = (line: string) => void written.push(line);
  const log = createLogger({ level: "info", format: "pretty", isColoured: true }, write);
  const facts = {
    kind: "access",
    service: "shop",
    method: "GET",
    route: "/api/products",
    status: 200,
    ms: 3.2,
  };
  log.info(facts, "A request was answered.");
  log.info({ kind: "event", event: "order.placed" }, "An order was placed.");
  log.error("It is broken.");
  const [access = "", placed = "", broken = ""] = written;
  assert.match(
    stripVTControlCharacters(access),
    /^[\d:.]{12} INFO {2}shop: GET \/api\/products 200 3\.2 ms\n$/,
  );
  assert.ok(placed.includes(styleText("green", "An order was placed.", { validateStream: false })));
  assert.ok(broken.includes(styleText("red", "It is broken.", { validateStream: false })));
  const plain: string[] = [];
  createLogger({ level: "info", format: "pretty", isColoured: false }, (line) => void plain.push(line)).error(
    "It.",
  );
  assert.equal(stripVTControlCharacters(plain[0] ?? ""), plain[0]);
});

it("something endless is cut off instead of hanging the process", () => {
  const { log, lines } = recorded();
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  log.info({ circle }, "Round.");
  assert.equal(lines()[0]?.["msg"], "Round.");
});

function answering(log: Logger, handler: (call: Call) => Promise<object>) {
  const bound = bindRpcs(AdService, undefined, {
    getAds: (_ctx, _request, call) => handler(call),
    recordClick: () => Promise.resolve({ redirectUrl: "/" }),
  });
  const verifier = new TokenVerifier(systemClock, () => assert.fail("no token is sent"));
  const dispatcher = new Dispatcher({ service: "ad", clock: systemClock, log, verifier });
  return createLocalClient(AdService, {
    caller: "cart",
    clock: systemClock,
    peer: () => ({ bound, dispatcher }),
  });
}

it("request id and trace id stand on every line of a call, and on the line about its bug", async () => {
  const { log, lines } = recorded();
  const client = answering(log, (call) => {
    call.log.info("First.");
    call.log.warn({ more: 1 }, "Second.");
    return Promise.reject(new Error("a bug"));
  });
  const trace = traceFrom("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  await assert.rejects(client.getAds({}, { requestId: "req-1", trace }));
  assert.equal(lines().length, 4);
  for (const line of lines()) {
    assert.equal(line["requestId"], "req-1");
    assert.equal(line["traceId"], trace.traceId);
  }
});

it("a call that came without a request id has one, the same on all its lines", async () => {
  const { log, lines } = recorded();
  const client = answering(log, (call) => {
    call.log.info("First.");
    assert.equal(call.onward.requestId, call.requestId);
    return Promise.reject(new Error("a bug"));
  });
  await assert.rejects(client.getAds({}));
  const ids = lines().map((line) => line["requestId"]);
  assert.equal(ids.length, 3);
  assert.match(String(ids[0]), /^[0-9a-f-]{36}$/);
  assert.equal(ids[0], ids[1]);
});
