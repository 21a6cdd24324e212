// The shapes of calls: what handlers receive, what clients offer. Transports and services both depend on this file only.
import type { DescMethodUnary, DescService, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { Caller } from "#platform/auth/actor.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { TraceContext } from "#platform/telemetry/trace.ts";
import type { Scope } from "./scope.ts";

/** Everything a handler may know about the call it answers. */
export interface Call extends Caller {
  readonly requestId: string;
  readonly trace: TraceContext;
  /** From where the person or program asks that the call is made for; undefined when the service that calls does not say. */
  readonly clientAddress: string | undefined;
  /** What their program calls itself; a claim. Told for staff and machines only. */
  readonly userAgent?: string | undefined;
  /** Deadline and cancellation. */
  readonly scope: Scope;
  /** Lines carry request id and trace id. */
  readonly log: Logger;
  /** To hand to client calls made on behalf of this one: deadline, trace, request id and the user's token travel. */
  readonly onward: CallOptions;
}

/** What a client call may carry. All of it is optional: without a scope a call gets as long as its kind of RPC may take. */
export interface CallOptions {
  /** The user's bearer token. */
  readonly token?: string | undefined;
  readonly requestId?: string | undefined;
  readonly trace?: TraceContext | undefined;
  readonly scope?: Scope | undefined;
  /** From where whoever it is made for asks; for what counts by address. */
  readonly clientAddress?: string | undefined;
  /** What the program of whoever it is made for calls itself, for the activity log. */
  readonly userAgent?: string | undefined;
  /** Shortens the scope's deadline, never lengthens it. */
  readonly timeoutMs?: number | undefined;
}

/** A typed client: one function for each RPC of the contract. Refusals arrive as AppError. */
export type Client<S extends DescService> = {
  readonly [M in keyof S["method"]]: S["method"][M] extends DescMethodUnary<infer I, infer O>
    ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
    : never;
};

/** The functions a service must give for a contract: all of them, with the right answers, or it does not compile. */
export type Handlers<S extends DescService, Context> = {
  readonly [M in keyof S["method"]]: S["method"][M] extends DescMethodUnary<infer I, infer O>
    ? (ctx: Context, request: MessageShape<I>, call: Call) => Promise<MessageInitShape<O>>
    : never;
};

/** One handler with its context inside. */
export type BoundHandler = (request: never, call: Call) => Promise<object>;

/** A contract and the functions that answer it. */
export interface BoundService {
  readonly descriptor: DescService;
  readonly handlers: ReadonlyMap<string, BoundHandler>;
}

/** Ties handlers to a contract and a context. A forgotten RPC is a compile error. */
export function bindRpcs<S extends DescService, Context>(
  descriptor: S,
  ctx: Context,
  handlers: Handlers<S, Context>,
): BoundService {
  const bound = new Map<string, BoundHandler>();
  for (const method of descriptor.methods) {
    const handler = handlers[method.localName as keyof S["method"]] as (
      ctx: Context,
      request: never,
      call: Call,
    ) => Promise<object>;
    bound.set(method.localName, (request, call) => handler(ctx, request, call));
  }
  return { descriptor, handlers: bound };
}

/** The same call made by a service of ours on behalf of whoever it came from: how adapters of foreign contracts act. */
export function asService(call: Call, service: string): Call {
  return {
    ...call,
    actor: { kind: "anonymous" },
    service,
    log: call.log,
    onward: { ...call.onward, token: undefined },
  };
}
