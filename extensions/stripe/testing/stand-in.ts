/**
 * A stand-in for Stripe, over real HTTP and with books of its own: forms in, JSON out, keys, idempotency, errors, test cards,
 * challenges, hosted pages and signed webhooks, as its public documents describe them. It moves no money and is no copy: what the
 * shop does not use is not there.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "#platform/kit/clock.ts";
import { parseForm, type Form } from "./form-body.ts";
import { answerApi, type ApiCall } from "./stand-in-api.ts";
import { StandInBooks } from "./stand-in-books.ts";
import { StandInError, wrongParameter } from "./stand-in-error.ts";
import { answerPage } from "./stand-in-pages.ts";
import { StandInWebhooks } from "./stand-in-webhooks.ts";

export const keys = {
  secret: "sk_test_of_the_stand_in_0123456789",
  publishable: "pk_test_of_the_stand_in",
  webhook: "whsec_of_the_stand_in_0123456789",
} as const;

/** What befalls the next requests that match. */
export interface Mishap {
  readonly method: "POST" | "GET";
  readonly path: RegExp;
  /** `fails`: a 500, kept under its key. `answer lost`: done, and the connection breaks. `busy`: 429. */
  readonly kind: "fails" | "answer lost" | "busy";
  times: number;
}

export interface StandIn {
  readonly url: string;
  readonly books: StandInBooks;
  readonly webhooks: StandInWebhooks;
  readonly mishaps: Mishap[];
  /** Settings with which a shop uses it. */
  readonly environment: { readonly [name: string]: string };
  close(): Promise<void>;
}

export async function openStandIn(): Promise<StandIn> {
  const webhooks = new StandInWebhooks(keys.webhook);
  const books = new StandInBooks((type, object) => webhooks.emit(type, object));
  const mishaps: Mishap[] = [];
  const kept: Kept = new Map();
  let url = "";
  const server = createServer((request, response) => {
    void answer({ books, webhooks, mishaps, kept, origin: url }, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    books,
    webhooks,
    mishaps,
    environment: {
      PAYMENT_PROVIDER: "stripe",
      STRIPE_SECRET_KEY: keys.secret,
      STRIPE_PUBLISHABLE_KEY: keys.publishable,
      STRIPE_WEBHOOK_SECRET: keys.webhook,
      STRIPE_API_BASE: url,
    },
    close: async () => {
      await webhooks.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What was asked under an idempotency key, and what came of it once it is over. */
type Kept = Map<string, { readonly asked: string; answer: Reply | undefined }>;

interface Reply {
  readonly status: number;
  readonly body: object;
  readonly isReplayed?: boolean;
}

export interface House {
  readonly books: StandInBooks;
  readonly webhooks: StandInWebhooks;
  readonly mishaps: Mishap[];
  readonly kept: Kept;
  readonly origin: string;
}

const workMs = 2;

async function answer(house: House, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { pathname, search } = new URL(request.url ?? "", house.origin);
  const method = request.method === "POST" ? "POST" : "GET";
  const form = parseForm(method === "POST" ? Buffer.concat(chunks).toString("utf8") : search);
  if (!pathname.startsWith("/v1/")) return answerPage(house, { method, path: pathname, form }, response);
  const mishap = house.mishaps.find(
    (one) => one.times > 0 && one.method === method && one.path.test(pathname),
  );
  if (mishap) mishap.times -= 1;
  const call: ApiCall = { method, path: pathname, form, isPublic: isPublic(request, form) };
  let reply: Reply;
  try {
    if (mishap?.kind === "busy")
      throw new StandInError(429, "rate_limit_error", { code: "rate_limit", message: "Too many requests." });
    requireKey(request, call);
    reply = await once(house, request, call, mishap);
  } catch (error) {
    if (!(error instanceof StandInError)) throw error;
    reply = { status: error.status, body: error.body };
  }
  if (mishap?.kind === "answer lost") return void request.socket.destroy();
  const headers = { "content-type": "application/json" };
  const replayed = reply.isReplayed ? { "idempotent-replayed": "true" } : {};
  response.writeHead(reply.status, { ...headers, ...replayed }).end(JSON.stringify(reply.body));
}

function isPublic(request: IncomingMessage, form: Form): boolean {
  return bearerOf(request) === keys.publishable || form["key"] === keys.publishable;
}

function requireKey(request: IncomingMessage, { isPublic, path }: ApiCall): void {
  if (bearerOf(request) === keys.secret) return;
  if (isPublic && /^\/v1\/payment_intents\/[^/]+(\/confirm)?$/.test(path)) return;
  throw new StandInError(401, "invalid_request_error", { message: "Invalid API Key provided." });
}

function bearerOf(request: IncomingMessage): string | undefined {
  return /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1];
}

/** The first request under a key is carried out; its repeats get what it got, and another one under its key is refused. */
async function once(
  house: House,
  request: IncomingMessage,
  call: ApiCall,
  mishap: Mishap | undefined,
): Promise<Reply> {
  const key = request.headers["idempotency-key"];
  if (call.method === "GET" || typeof key !== "string") return await work(house, call, mishap);
  if (key.length > 255) throw wrongParameter("Idempotency-Key");
  const asked = JSON.stringify([call.path, call.form]);
  const known = house.kept.get(key);
  if (known && known.asked !== asked)
    throw new StandInError(400, "idempotency_error", {
      message:
        "Keys for idempotent requests can only be used with the same parameters they were first used with.",
    });
  if (known && !known.answer)
    throw new StandInError(409, "invalid_request_error", {
      code: "idempotency_key_in_use",
      message: "There is a request with this key under way.",
    });
  if (known?.answer) return { ...known.answer, isReplayed: true };
  const entry = { asked, answer: undefined as Reply | undefined };
  house.kept.set(key, entry);
  const reply = await work(house, call, mishap);
  entry.answer = reply;
  // Nothing was begun: the key is free again.
  if (isInvalid(reply)) house.kept.delete(key);
  return reply;
}

function isInvalid({ status, body }: Reply): boolean {
  return status === 400 && "error" in body && "param" in (body.error as object);
}

async function work(house: House, call: ApiCall, mishap: Mishap | undefined): Promise<Reply> {
  await systemClock.sleep(workMs);
  try {
    if (mishap?.kind === "fails")
      throw new StandInError(500, "api_error", { message: "Something went wrong." });
    return { status: 200, body: answerApi(house, call) };
  } catch (error) {
    if (!(error instanceof StandInError)) throw error;
    return { status: error.status, body: error.body };
  }
}
