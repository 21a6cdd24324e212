// Who acts: people and services, as every guard and handler sees them.
/** Whoever acts. A closed union, so that every place that asks has to think of each kind. */
export type Actor =
  | { readonly kind: "anonymous" }
  | { readonly kind: "user"; readonly userId: string; readonly role: Role; readonly token: VerifiedToken };

/** A machine is a program that has shown a key; what it may do is its scope. */
export type Role = "customer" | "admin" | "guest" | "machine";

/** A token that was checked: signature, issuer, audience, times and revocation. */
export interface VerifiedToken {
  readonly id: string;
  readonly userId: string;
  readonly role: Role;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** The account's address when the token was given out; absent for guests, and in tokens of earlier releases. */
  readonly email?: string;
  /** What a machine's key is for; absent for people. */
  readonly scope?: string;
  /** How long ago the issuer was asked for the revocations that it was held against. Absent like 0. */
  readonly revocationsAgeMs?: number;
}

/** The part of a call that guards look at. */
export interface Caller {
  readonly actor: Actor;
  /** The service that made the call, proved by the transport; undefined for outside callers. */
  readonly service: string | undefined;
}

export const anonymous: Actor = { kind: "anonymous" };

/** Who acted, for histories and ledgers: a user id, or the name of a service. */
export function actorName(caller: Caller): string {
  if (caller.actor.kind === "user") return caller.actor.userId;
  return caller.service ?? "anonymous";
}
