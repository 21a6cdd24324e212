// One entry of the REST API, as a value: what is routed, what is checked and what is documented are the same thing.
import type { IncomingHttpHeaders } from "node:http";
import { Type, type Static, type TSchema } from "@fastify/type-provider-typebox";
import type { Actor } from "#platform/auth/actor.ts";
import type { Precedence } from "#platform/http/gate.ts";
import type { GatewayContext } from "./context.ts";
import type { MachineScope } from "./machine-keys.ts";
import type { MarkedCall, Marks } from "./marks.ts";

/**
 * Who may ask. `owner`: whoever `:userId` in the path names (`me` is the caller), or an admin. Asked before the body is read.
 */
export type Access = "anyone" | "token" | "owner" | "admin";

/** What somebody is about who asks: it says how long an answer may take, and what gives way first when the shop is full. */
export type Journey = "browse" | "cart" | "account" | "checkout" | "orders" | "admin";

export interface Endpoint<Q extends TSchema = TSchema, B extends TSchema = TSchema> {
  /** Unique; operationId of the document. */
  readonly id: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  /** Absent for an endpoint of an extension: `admin` where only admins may ask, else `account`. */
  readonly journey?: Journey;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  /** Whose key opens it beside: what an admin may, a machine of this scope may, too. */
  readonly machine?: MachineScope;
  readonly query?: Q;
  readonly body?: B;
  /** In place of `body`: documented, not checked, and handed on byte for byte, for whoever checks a signature over it. */
  readonly rawBody?: TSchema;
  /** In place of `body`: a file, handed on byte for byte. */
  readonly upload?: Upload;
  /** A request without a body is fine too. */
  readonly isBodyOptional?: boolean;
  /** Header parameters beside Authorization. */
  readonly headers?: { readonly [name: string]: object };
  /** Takes an `Idempotency-Key`: the service that owns the effect keeps it with the effect, and the answer with it. */
  readonly isKeyed?: boolean;
  readonly status: 200 | 201 | 202 | 204;
  /** Absent with 204, and for answers that are no JSON. */
  readonly answer?: TSchema;
  readonly contentType?: string;
  /** `run` answers a TaggedAnswer, and the caller gets its ETag; a GET then hears of `If-None-Match`. */
  readonly isTagged?: boolean;
  /** The body may be called a merge patch (RFC 7396), too. */
  readonly isMergePatch?: boolean;
  /** In place of `answer`: `run` answers a KeptAnswer of such a media type, which browsers may keep for ever and not run. */
  readonly file?: string;
  /** For pages, which may do more than data. */
  readonly contentSecurityPolicy?: () => string;
  /** Codes beside those that every endpoint may answer. */
  readonly refusals?: { readonly [status: number]: readonly string[] };
  /** Stays up in maintenance. */
  readonly isAlwaysUp?: boolean;
  /** Moves many things at once, and may take longer than others. */
  readonly isSlow?: boolean;
  /** Goes on when the client hangs up: money or stock may be under way. */
  readonly isFinished?: boolean;
  /** A further question of right, asked before the body is read. */
  readonly permit?: (ctx: GatewayContext, request: ApiRequest<unknown, undefined>) => Promise<void>;
  readonly run: (ctx: GatewayContext, request: ApiRequest<Static<Q>, Static<B>>) => Promise<unknown>;
}

export function journeyOf({ journey, access }: AnyEndpoint): Journey {
  return journey ?? (access === "admin" ? "admin" : "account");
}

/** Whose turn it is where not all can be served: buying before filling a cart before looking around. */
export function precedenceOf(definition: AnyEndpoint): Precedence {
  return definition.isAlwaysUp ? "always" : precedences[journeyOf(definition)];
}

export const precedences: Readonly<Record<Journey, Precedence>> = {
  admin: "always",
  checkout: "first",
  orders: "first",
  cart: "second",
  account: "second",
  browse: "last",
};

/** What a body may be that is a file. */
export interface Upload {
  readonly mediaTypes: readonly string[];
  /** In place of the limit of all other bodies. */
  readonly bytesMax: number;
}

/** A file that never changes; without content, the caller has it already. */
export interface KeptAnswer {
  readonly etag: string;
  readonly content?: Uint8Array;
  readonly mediaType?: string;
}

/** A request that was let in. */
export interface ApiRequest<Q, B> {
  readonly query: Q;
  readonly body: B;
  /** The bytes of the body, where the endpoint takes it raw or as a file; else empty. */
  readonly rawBody: Uint8Array;
  /** What the caller says the body is, in small letters and without parameters; "" without a body. */
  readonly mediaType: string;
  /** The decoded path parameter; "" when the path has none of that name. */
  readonly param: (name: string) => string;
  readonly headers: IncomingHttpHeaders;
  /** The key the caller has chosen; "" where none was sent, or where none counts. */
  readonly idempotencyKey: string;
  readonly actor: Actor;
  /** Whom the path names, for `owner` endpoints. */
  readonly ownerId: string;
  readonly clientAddress: string;
  /** The service of this shop that asks on somebody's behalf. */
  readonly service: string | undefined;
  /** For calls in the caller's name. */
  readonly call: MarkedCall;
  /** For calls that need nobody's name, or the gateway's own. */
  readonly serviceCall: MarkedCall;
  /** What the answer will lack. */
  readonly marks: Marks;
}

export type AnyEndpoint = Endpoint<never, never>;

const Nothing = Type.Undefined();

/** Declares an endpoint; it exists so that TypeScript can infer. */
export function endpoint<Q extends TSchema = typeof Nothing, B extends TSchema = typeof Nothing>(
  definition: Endpoint<Q, B>,
): AnyEndpoint {
  return definition as unknown as AnyEndpoint;
}
