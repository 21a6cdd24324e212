// What every request passes before its body is read: limits, maintenance, token, right. In this order.
import type { FastifyReply, FastifyRequest } from "fastify";
import { isDenial } from "#platform/activity/aside.ts";
import { anonymous, type Actor } from "#platform/auth/actor.ts";
import { actsForTheShop, requireAdmin, requireScope, requireUser } from "#platform/auth/guards.ts";
import { shopDisagrees } from "#platform/kit/agreement.ts";
import { AppError, appError } from "#platform/kit/errors.ts";
import { faultHeader, sparedName } from "#platform/kit/fault-rules.ts";
import { askedFault, mayInjectFaults } from "#platform/kit/faults.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { CallOptions } from "#platform/rpc/contract.ts";
import { Scope } from "#platform/rpc/scope.ts";
import { limitKey } from "#platform/kit/rate-limit.ts";
import { timeLeftMs } from "#platform/http/time-left.ts";
import { currencyHeader, type Sender } from "#platform/http/sender.ts";
import type { GatewayContext } from "./context.ts";
import { journeyOf, precedenceOf, type AnyEndpoint, type ApiRequest } from "./endpoint.ts";
import { refusal } from "./errors.ts";
import { isCleanText } from "./json-body.ts";
import { Marks } from "./marks.ts";

/** What is known of a request before its body. */
export type Admitted = ApiRequest<unknown, undefined> & { readonly scope: Scope; readonly sender: Sender };

/** Counts the request against its address, whatever it asks for; returns who sent it. */
export async function countRequest(ctx: GatewayContext, request: FastifyRequest): Promise<Sender> {
  const sender = ctx.senders.of(request);
  await ctx.limits?.addresses.take(limitKey(sender.address));
  return sender;
}

/** Lets the request in, or throws the refusal. */
export async function admit(
  ctx: GatewayContext,
  definition: AnyEndpoint,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Admitted> {
  const sender = await countRequest(ctx, request);
  requireOneCurrency(ctx, request);
  const { access } = definition;
  const { token, keyId, fault: doubt } = credentialOf(ctx, request);
  const { actor, fault = doubt } = await actorOf(ctx, token);
  if (!definition.isAlwaysUp) await refuseInMaintenance(ctx, actor);
  if (access !== "anyone" && fault) throw fault;
  if (actor.kind === "user") await ctx.limits?.actors.take(keyId ?? actor.userId);
  const params = request.params as { readonly [name: string]: string };
  const ownerId = noted({ ctx, definition, request, sender, actor }, () =>
    requireRight(definition, actor, params["userId"] ?? ""),
  );
  for (const value of Object.values(params)) {
    if (!isCleanText(value)) throw refusal("NOT_FOUND");
  }
  const scope = openScope(ctx, definition, request, reply);
  if (mayInjectFaults()) scope.askedFault = faultFor(definition, request, sender);
  const marks = new Marks();
  const serviceCall = { requestId: request.id, trace: request.trace, scope, marks };
  const admitted = {
    query: undefined,
    body: undefined,
    rawBody: new Uint8Array(),
    mediaType: mediaTypeOf(request.headers["content-type"]),
    param: (name: string) => params[name] ?? "",
    headers: request.headers,
    idempotencyKey: "",
    actor,
    ownerId,
    clientAddress: sender.address,
    sender,
    service: sender.service,
    // A token that is no good counts as none where none is needed.
    call:
      actor.kind === "user" ? { ...serviceCall, token, ...whereabouts(actor, sender, request) } : serviceCall,
    serviceCall,
    marks,
    scope,
  };
  await definition.permit?.(ctx, admitted);
  return admitted;
}

/** From where the staff and machines act goes with them to whoever writes down what they do; where customers are is nobody's business. */
function whereabouts(
  actor: Actor,
  { address: clientAddress }: Sender,
  { headers }: FastifyRequest,
): Pick<CallOptions, "clientAddress" | "userAgent"> {
  if (actor.kind !== "user" || !actsForTheShop(actor.role)) return {};
  return { clientAddress, userAgent: headers["user-agent"] };
}

interface Asked {
  readonly ctx: GatewayContext;
  readonly definition: AnyEndpoint;
  readonly request: FastifyRequest;
  readonly sender: Sender;
  readonly actor: Actor;
}

/** What `permit` says; when it refuses what is not theirs to somebody, that is written into the activity log, which nobody waits for. */
function noted<T>({ ctx, definition, request, sender, actor }: Asked, permit: () => T): T {
  try {
    return permit();
  } catch (error) {
    if (error instanceof AppError && isDenial(error.reason)) {
      const [role, actorId] = actor.kind === "user" ? [actor.role, actor.userId] : ["", ""];
      const where = { clientAddress: sender.address, userAgent: request.headers["user-agent"] };
      const denied = { operation: definition.id, reason: error.reason, role, actorId };
      ctx.clients.user
        .recordDenial(denied, { requestId: request.id, trace: request.trace, ...where })
        .catch((failure: unknown) =>
          request.log.warn({ err: failure }, "A denial could not be written down."),
        );
    }
    throw error;
  }
}

/** What is done for the staff goes free, so that faults can be seen and ended. */
function faultFor(definition: AnyEndpoint, { headers }: FastifyRequest, { service }: Sender) {
  const isSpared = service === "admin" || precedenceOf(definition) === "always";
  return isSpared ? sparedName : askedFault(headers[faultHeader]);
}

/** A service of pages that was started with another base currency would show wrong prices. */
function requireOneCurrency({ shop: { currency } }: GatewayContext, request: FastifyRequest): void {
  const theirs = request.headers[currencyHeader];
  if (typeof theirs !== "string" || theirs === currency) return;
  throw shopDisagrees({ service: "gateway", currency, theirs });
}

export function mediaTypeOf(contentType: string | undefined): string {
  return (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

interface Credential {
  /** What says who acts, here and behind. */
  readonly token: string | undefined;
  /** Names the key of a machine where requests are counted. */
  readonly keyId?: string;
  readonly fault?: AppError;
}

/** A bearer token, or the key of a machine, which is told behind the gateway by a token of its own and goes no further. */
function credentialOf({ machines }: GatewayContext, { headers }: FastifyRequest): Credential {
  const bearer = bearerToken(headers.authorization);
  const shown = headers["x-api-key"];
  if (shown !== undefined && headers.authorization !== undefined)
    return { token: undefined, fault: keyInvalid("Send a token or a key, not both.") };
  const credential = bearer ?? (typeof shown === "string" ? shown : undefined);
  if (credential === undefined) return { token: undefined };
  const machine = machines.find(credential);
  if (machine) return machine;
  return shown === undefined
    ? { token: bearer }
    : { token: undefined, fault: keyInvalid("The key is not valid.") };
}

function keyInvalid(publicMessage: string): AppError {
  return appError("unauthenticated", "TOKEN_INVALID", { publicMessage });
}

function bearerToken(authorization: string | undefined): string | undefined {
  return authorization && /^Bearer\b/i.test(authorization) ? authorization.slice(6).trim() : undefined;
}

/** The actor, and the refusal that a wrong token deserves where one is needed. */
async function actorOf(
  ctx: GatewayContext,
  token: string | undefined,
): Promise<{ actor: Actor; fault?: AppError }> {
  if (token === undefined) return { actor: anonymous };
  try {
    const verified = await ctx.verifier.verify(token);
    return { actor: { kind: "user", userId: verified.userId, role: verified.role, token: verified } };
  } catch (error) {
    if (error instanceof AppError) return { actor: anonymous, fault: error };
    throw error;
  }
}

async function refuseInMaintenance(ctx: GatewayContext, actor: Actor): Promise<void> {
  if (!(await ctx.flags.isOn("MAINTENANCE_MODE"))) return;
  if (actor.kind === "user" && actsForTheShop(actor.role)) return;
  throw refusal("MAINTENANCE", { retryAfterSeconds: 60 });
}

/** Whom the path names, for endpoints of owners; refuses everyone who may not. */
function requireRight({ access, machine, tag }: AnyEndpoint, actor: Actor, named: string): string {
  // What everybody may know of how the shop does and what it speaks, a machine may, too.
  requireScope({ actor }, (scope) => scope === machine || tag === "Operations");
  if (access === "anyone") return "";
  const caller = { actor, service: undefined };
  const { userId, role } = requireUser(caller);
  if (access === "admin") requireAdmin(caller);
  if (access !== "owner") return "";
  const ownerId = named === "me" ? userId : named;
  if (ownerId === userId) return ownerId;
  if (actsForTheShop(role) && isUuid(ownerId)) {
    requireAdmin(caller);
    return ownerId;
  }
  throw refusal("USER_NOT_FOUND");
}

/** A deadline for everything done for this request; it ends early when the client hangs up, unless the work must be finished. */
function openScope(
  ctx: GatewayContext,
  definition: AnyEndpoint,
  request: FastifyRequest,
  reply: FastifyReply,
): Scope {
  const limitMs = limitMsOf(ctx, definition);
  const scope = new Scope(ctx.clock, Math.min(limitMs, timeLeftMs(request.headers) ?? limitMs));
  reply.raw.once("close", () => {
    if (reply.raw.writableFinished || definition.isFinished) scope.close();
    else scope.cancel();
  });
  return scope;
}

function limitMsOf({ config }: GatewayContext, definition: AnyEndpoint): number {
  if (definition.isSlow) return config.GATEWAY_SLOW_TIMEOUT_SECONDS * 1000;
  switch (journeyOf(definition)) {
    case "browse":
      return config.GATEWAY_BROWSE_TIMEOUT_MS;
    case "cart":
      return config.GATEWAY_CART_TIMEOUT_MS;
    case "checkout":
      return config.GATEWAY_CHECKOUT_TIMEOUT_MS;
    case "account":
    case "orders":
    case "admin":
      return config.GATEWAY_TIMEOUT_SECONDS * 1000;
  }
}
