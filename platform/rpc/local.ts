// Calls between services of one process. Same rules as the wire (by value, deadlines, refusals, identity), no serialisation.
import type { DescMethod, DescService, Message } from "@bufbuild/protobuf";
import type { Clock } from "../clock.ts";
import { assertOutsideTransaction } from "../transaction-scope.ts";
import type { BoundService, CallOptions, Client } from "./contract.ts";
import { copyMessage } from "./copy.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { Scope, timeoutMsDefault } from "./scope.ts";

/** A service in this process: its contract, and the dispatcher that answers. */
export interface LocalPeer {
  readonly bound: BoundService;
  readonly dispatcher: Dispatcher;
}

/** A typed client of a service in this process, for the service named `caller`. */
export function createLocalClient<S extends DescService>(
  descriptor: S,
  caller: string,
  clock: Clock,
  peer: () => LocalPeer,
): Client<S> {
  const client: Record<string, unknown> = {};
  for (const method of descriptor.methods) {
    client[method.localName] = (request: object, options: CallOptions = {}) =>
      callLocal(peer(), method, request, caller, clock, options);
  }
  return client as Client<S>;
}

// eslint-disable-next-line max-params -- one function on the hottest path; an options object would be one more allocation
async function callLocal(
  peer: LocalPeer,
  method: DescMethod,
  request: object,
  caller: string,
  clock: Clock,
  options: CallOptions,
): Promise<Message> {
  assertOutsideTransaction(method.name);
  const input = copyMessage(method.input, request);
  const scope = new Scope(
    clock,
    options.timeoutMs ?? options.scope?.remainingMs ?? timeoutMsDefault,
    options.scope,
  );
  try {
    const { token, requestId, trace } = options;
    return await peer.dispatcher.dispatch(peer.bound, method, input, {
      token,
      requestId,
      trace,
      service: caller,
      scope,
    });
  } finally {
    scope.close();
  }
}
