// What handlers begin with: who may call.
import { appError } from "#platform/kit/errors.ts";
import type { Caller, Role, VerifiedToken } from "./actor.ts";

/** The user who calls, or a refusal: 401 without a token. */
export function requireUser(caller: Caller): { userId: string; role: Role; token: VerifiedToken } {
  if (caller.actor.kind === "user") return caller.actor;
  throw appError("unauthenticated", "TOKEN_REQUIRED", {
    publicMessage: "Sign in, or get a guest token, and send it as a bearer token.",
  });
}

/**
 * Longer than this nobody acts by an admin's rights on revocations that could not be refreshed: a right that was taken away counts no
 * more after it. Everybody else goes on (resiliency matrix, admin).
 */
export const adminRevocationsAgeMsMax = 60_000;

function requireRecentRevocations({ revocationsAgeMs = 0 }: VerifiedToken): void {
  if (revocationsAgeMs <= adminRevocationsAgeMsMax) return;
  throw appError("unavailable", "REVOCATIONS_TOO_OLD", {
    publicMessage:
      "Whether these rights still stand cannot be checked right now, so nothing is done by them. Try again in a moment.",
    retryAfterSeconds: 5,
  });
}

/**
 * An admin, or a machine whose scope has let it come so far (the gateway and every dispatcher stop it before, unless its key is for this), or
 * a refusal: 401 without a token, 403 with another role, 503 while revocations are older than a minute.
 */
export function requireAdmin(caller: Caller): { userId: string; role: Role; token: VerifiedToken } {
  const user = requireUser(caller);
  if (user.role === "admin") {
    requireRecentRevocations(user.token);
    return user;
  }
  if (user.role === "machine") return user;
  throw appError("forbidden", "ADMIN_REQUIRED", { publicMessage: "Only an admin may do this." });
}

/** Whether somebody of this role acts on what belongs to others: `requireAdmin` says whether they may. */
export function actsForTheShop(role: Role): boolean {
  return role === "admin" || role === "machine";
}

/** Refuses a machine whose key is for something else; everybody else passes. `allowed` says what each scope has here. */
export function requireScope({ actor }: Pick<Caller, "actor">, isAllowed: (scope: string) => boolean): void {
  if (actor.kind !== "user" || actor.role !== "machine") return;
  if (isAllowed(actor.token.scope ?? "")) return;
  throw appError("forbidden", "KEY_OUT_OF_SCOPE", {
    publicMessage: "This key is for something else, and does not reach here.",
  });
}

/** An admin, or a service acting on its own; a service that hands on somebody's token acts with that person's rights. */
export function requireAdminOrService(caller: Caller): void {
  if (caller.actor.kind === "anonymous" && caller.service !== undefined) return;
  requireAdmin(caller);
}

/** Another service of this shop, by name; outside callers are refused whatever token they carry. */
export function requireService(caller: Caller): string {
  if (caller.service !== undefined) return caller.service;
  throw appError("forbidden", "SERVICE_REQUIRED", {
    publicMessage: "Only services of the shop may call this.",
  });
}

/**
 * The user whose thing `userId` names, an admin, or a service acting for somebody. Everyone else gets the refusal that
 * `notFound` makes, so that nothing tells whether the thing exists.
 */
export function requireOwner(caller: Caller, userId: string, notFound: () => Error): void {
  if (caller.actor.kind === "user") {
    if (caller.actor.userId === userId) return;
    if (actsForTheShop(caller.actor.role)) return void requireAdmin(caller);
    throw notFound();
  }
  if (caller.service !== undefined) return;
  requireUser(caller);
}
