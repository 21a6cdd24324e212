// Calls between services of one process. Same rules as the wire (by value, deadlines, refusals, identity), no serialisation.
import type { DescMethod, DescService, Message } from "@bufbuild/protobuf";
import type { Clock } from "#platform/kit/clock.ts";
import { assertOutsideTransaction } from "#platform/database/transaction-scope.ts";
import { isOfOperators } from "#platform/operations/traffic.ts";
import type { BoundService, CallOptions, Client } from "./contract.ts";
import { copyMessage } from "./copy.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { limitMsOf } from "./patience.ts";
import { measuringCall } from "./rpc-status.ts";
import { Scope } from "./scope.ts";

/** A service in this process: its contract, and the dispatcher that answers. */
export interface LocalPeer {
  readonly bound: BoundService;
  readonly dispatcher: Dispatcher;
}

/** What stands between two services of one process in a simulation: it may lose, delay, repeat or reorder what it carries. */
export type SimulatedNetwork = (
  route: {
    readonly caller: string;
    readonly method: DescMethod;
    readonly request: Message;
    readonly requestId: string | undefined;
  },
  send: () => Promise<Message>,
) => Promise<Message>;

export interface LocalClientOptions {
  /** The service that calls. */
  readonly caller: string;
  readonly clock: Clock;
  readonly peer: () => LocalPeer;
  /** The longest that one call may take; by default as long as its kind of RPC may. */
  readonly patienceMs?: number | undefined;
  /** For simulations only. */
  readonly network?: SimulatedNetwork | undefined;
}

/** A typed client of a service in this process. */
export function createLocalClient<S extends DescService>(
  descriptor: S,
  options: LocalClientOptions,
): Client<S> {
  const client: Record<string, unknown> = {};
  for (const method of descriptor.methods) {
    client[method.localName] = (request: object, call: CallOptions = {}) =>
      callLocal(options, method, request, call);
  }
  return client as Client<S>;
}

async function callLocal(
  { caller, clock, peer, network, patienceMs }: LocalClientOptions,
  method: DescMethod,
  request: object,
  options: CallOptions,
): Promise<Message> {
  assertOutsideTransaction(method.name);
  const { bound, dispatcher } = peer();
  const input = copyMessage(method.input, request);
  const { token, requestId, trace, clientAddress, userAgent, scope: outer } = options;
  const scope = new Scope(clock, limitMsOf(method, options, patienceMs), outer);
  const incoming = { token, requestId, trace, clientAddress, userAgent, service: caller, scope };
  const ask = async () => {
    if (!network) return await dispatcher.dispatch(bound, method, input, incoming);
    const send = () => dispatcher.dispatch(bound, method, copyMessage(method.input, input), incoming);
    return await untilEnd(scope, () => network({ caller, method, request: input, requestId }, send));
  };
  try {
    if (isOfOperators(method.parent.typeName)) return await ask();
    return await measuringCall({ caller, neighbour: dispatcher.service, clock }, ask);
  } finally {
    scope.close();
  }
}

/** On a wire the caller's own deadline ends the wait, whatever has become of what it sent. */
async function untilEnd(scope: Scope, carry: () => Promise<Message>): Promise<Message> {
  if (scope.ended) throw scope.ended;
  return await new Promise((resolve, reject) => {
    const detach = scope.onEnd(reject);
    carry().then(resolve, reject).finally(detach);
  });
}
