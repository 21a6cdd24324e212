// The server side of every call, whichever transport brought it: who calls, how long, what is logged and measured.
import type { DescMethod, DescService, Message } from "@bufbuild/protobuf";
import { FactsService } from "#gen/stoa/platform/v1/facts_pb.js";
import { anonymous, type Actor } from "#platform/auth/actor.ts";
import { requireScope } from "#platform/auth/guards.ts";
import type { TokenVerifier } from "#platform/auth/token.ts";
import type { Clock } from "#platform/kit/clock.ts";
import { shopDisagrees } from "#platform/kit/agreement.ts";
import { AppError, appError, isFailure, toAppError, type ErrorKind } from "#platform/kit/errors.ts";
import { failpoint, hasFailpoints } from "#platform/kit/failpoint.ts";
import { faultsInForce, isInjectedSilence, type MetFault } from "#platform/kit/faults.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { isOfOperators, noteAnswer } from "#platform/operations/traffic.ts";
import { rpcSeconds } from "#platform/telemetry/metrics.ts";
import {
  startSpan,
  traceFrom,
  unrecordedSpan,
  withinWork,
  type TraceContext,
} from "#platform/telemetry/trace.ts";
import { outsideBounds, requireCleanRequest, serviceBounds, type RequestBounds } from "./clean-request.ts";
import type { BoundHandler, BoundService, Call } from "./contract.ts";
import { copyMessage } from "./copy.ts";
import { foreignBounds, isForeign } from "./foreign-contract.ts";
import { rpcStatusOf } from "./rpc-status.ts";
import { endingWith, type Scope } from "./scope.ts";

/** What a transport knows about an incoming call. */
export interface Incoming {
  readonly token?: string | undefined;
  readonly requestId?: string | undefined;
  readonly trace?: TraceContext | undefined;
  /** The calling service, proved by the transport. */
  readonly service?: string | undefined;
  /** The base currency of the caller's shop, where it comes from another process of one. */
  readonly currency?: string | undefined;
  /** Where the person or program is that the call is made for, as the transport knows it. */
  readonly clientAddress?: string | undefined;
  /** What their program calls itself, which is a claim. */
  readonly userAgent?: string | undefined;
  readonly scope: Scope;
}

export interface DispatcherOptions {
  /** Name of the service that answers. */
  readonly service: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly verifier: TokenVerifier;
  /** Base currency of the shop. */
  readonly currency?: string;
  /** RPCs that a machine of a scope may call; it may call no other. */
  readonly machines?: MachineScopes | undefined;
  /** Told of every refusal, with the call that it answers. */
  readonly refused?: ((refusal: AppError, rpc: string, call: Call) => void) | undefined;
}

/** Names of RPCs, by the scope of the machines that may call them. */
export type MachineScopes = { readonly [scope: string]: readonly string[] };

/**
 * Runs handlers. A token that does not verify is refused before the handler sees the call; at the deadline the caller gets
 * its answer even if the handler goes on; errors leave as AppError without their cause.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Name of the service that answers. */
  get service(): string {
    return this.#options.service;
  }

  /** Answers one call of `bound` with a fresh message, or rejects with a public AppError. */
  async dispatch(
    bound: BoundService,
    method: DescMethod,
    request: Message,
    arrived: Incoming,
  ): Promise<Message> {
    const { service, clock } = this.#options;
    const incoming = arrived.requestId === undefined ? { ...arrived, requestId: newRandomId() } : arrived;
    const parent = incoming.trace ?? traceFrom(undefined);
    const rpc = `${bound.descriptor.typeName}/${method.name}`;
    const isLook = isOfOperators(bound.descriptor.typeName);
    const span = isLook ? unrecordedSpan(parent) : startSpan(service, rpc, "server", parent);
    const startedMs = clock.monotonicMs();
    let outcome: ErrorKind | "ok" = "ok";
    let made: Call | undefined;
    let fault: MetFault | undefined;
    try {
      const handler = bound.handlers.get(method.localName);
      if (!handler) throw appError("unimplemented", "UNIMPLEMENTED");
      if (bound.descriptor.typeName !== FactsService.typeName) this.#requireOneCurrency(incoming);
      // Before an effect, and after its commit but before the answer leaves: where a crash hurts most.
      if (hasFailpoints()) await failpoint(`${service}.${method.name}.received`);
      const isOutside = incoming.service === undefined;
      requireCleanRequest(method.input, request, boundsOf(bound.descriptor, isOutside));
      const { actor, call } = await this.#callOf(incoming, span.trace);
      made = call;
      requireScope({ actor }, (scope) => this.#isInScope(bound, method, scope));
      fault = faultsInForce()?.atRpc(bound.descriptor.typeName, method.name, incoming.scope.askedFault);
      if (fault) await this.#meet(fault, rpc, call);
      const answer = await this.#answer(isLook ? handler : this.#traced(handler), request, call);
      if (hasFailpoints()) await failpoint(`${service}.${method.name}.done`);
      return copyMessage(method.output, answer);
    } catch (error) {
      const refusal = toAppError(error);
      outcome = refusal.kind;
      if (made) this.#options.refused?.(refusal, rpc, made);
      if (refusal.kind === "internal" && !fault) this.#logBug(rpc, incoming, span.trace, refusal);
      throw withoutCause(refusal);
    } finally {
      const ms = clock.monotonicMs() - startedMs;
      const labels = { service, rpc_method: rpc, rpc_response_status_code: rpcStatusOf(outcome) };
      rpcSeconds.observe(labels, ms / 1000);
      if (!isLook) noteAnswer(service, rpc, ms, isFailure(outcome));
      const met = fault ? { "stoa.fault": fault.told } : {};
      span.end({ failed: isFailure(outcome), attributes: { "rpc.method": method.name, outcome, ...met } });
      this.#say(rpc, incoming, { trace: span.trace, outcome, startedMs });
    }
  }

  /** Waits and fails as it was told to, no longer than the caller does. */
  async #meet({ told, delayMs, answer }: MetFault, rpc: string, { scope, log }: Call): Promise<void> {
    log.info({ rpc, fault: told }, "A call met a fault that is injected on purpose.");
    if (delayMs > 0) await endingWith(scope, this.#options.clock.sleep(delayMs, scope.signal));
    if (answer) throw answer();
  }

  /** Where two processes of a shop disagree, an amount of one would be a wrong one of the other. */
  #requireOneCurrency({ currency: theirs, service: caller }: Incoming): void {
    const { service, currency, log } = this.#options;
    if (theirs === undefined || currency === undefined || theirs === currency) return;
    const refusal = shopDisagrees({ service, currency, theirs });
    log.error({ caller }, refusal.publicMessage);
    throw refusal;
  }

  async #callOf(incoming: Incoming, trace: TraceContext): Promise<{ actor: Actor; call: Call }> {
    const { scope, token } = incoming;
    if (scope.ended) throw scope.ended;
    const actor = token === undefined ? anonymous : await this.#actorOf(token);
    return { actor, call: this.#call(actor, incoming, trace) };
  }

  /** What a contract of others calls the same has nothing to do with our scopes. */
  #isInScope({ descriptor }: BoundService, { name }: DescMethod, scope: string): boolean {
    const { machines = {} } = this.#options;
    return (
      !isForeign(descriptor) && Object.hasOwn(machines, scope) && machines[scope]?.includes(name) === true
    );
  }

  /** Statements of SQL that the handler sends are spans of its trace. */
  #traced(handler: BoundHandler): BoundHandler {
    const { service } = this.#options;
    return async (request, call) =>
      await withinWork(service, call.trace, async () => await handler(request, call));
  }

  async #answer(handler: BoundHandler, request: Message, call: Call): Promise<object> {
    const { scope } = call;
    return await new Promise<object>((resolve, reject) => {
      const detach = scope.onEnd(reject);
      handler(request as never, call)
        .then(resolve, reject)
        .finally(detach);
    });
  }

  async #actorOf(token: string): Promise<Actor> {
    const verified = await this.#options.verifier.verify(token);
    return { kind: "user", userId: verified.userId, role: verified.role, token: verified };
  }

  #call(actor: Actor, incoming: Incoming, trace: TraceContext): Call {
    const { requestId = "" } = incoming;
    const { log } = this.#options;
    let child: Logger | undefined;
    return {
      actor,
      service: incoming.service,
      requestId,
      trace,
      clientAddress: incoming.clientAddress,
      userAgent: incoming.userAgent,
      scope: incoming.scope,
      get log() {
        return (child ??= log.child({ requestId, traceId: trace.traceId }));
      },
      onward: { token: incoming.token, requestId, trace, scope: incoming.scope },
    };
  }

  #say(
    rpc: string,
    { requestId }: Incoming,
    { trace, outcome, startedMs }: { trace: TraceContext; outcome: string; startedMs: number },
  ): void {
    const { log, clock } = this.#options;
    if (!log.isLevelEnabled("debug")) return;
    const ms = Math.round((clock.monotonicMs() - startedMs) * 10) / 10;
    log.debug({ kind: "rpc", rpc, requestId, traceId: trace.traceId, outcome, ms }, "A call was answered.");
  }

  #logBug(rpc: string, { requestId }: Incoming, { traceId }: TraceContext, error: AppError): void {
    this.#options.log.error(
      { rpc, requestId, traceId, err: error.cause ?? error },
      "An RPC failed with an error nobody expected.",
    );
  }
}

function boundsOf(contract: DescService, isOutside: boolean): RequestBounds {
  if (isForeign(contract)) return foreignBounds;
  return isOutside ? outsideBounds : serviceBounds;
}

/** What the caller may know: the same refusal, new stack, no cause. */
function withoutCause(error: AppError): AppError {
  if (isInjectedSilence(error)) return error;
  const { publicMessage, details, violations, retryAfterSeconds } = error;
  const base = { publicMessage, details, violations };
  return new AppError(
    error.kind,
    error.reason,
    retryAfterSeconds === undefined ? base : { ...base, retryAfterSeconds },
  );
}
