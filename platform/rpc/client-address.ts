// From where the person or program asks that a call is made for: the connection says it, or a process of this shop that stands in between.
import type { Metadata } from "@grpc/grpc-js";
import { signCall, verifyCall } from "#platform/auth/service-proof.ts";
import type { Clock } from "#platform/kit/clock.ts";

const addressHeader = "x-stoa-client-address";
const proofHeader = "x-stoa-client-proof";

/** The call that an address is told with: what is told of one call counts for no other. */
interface TellingCall {
  /** The path of the RPC. */
  readonly path: string;
  readonly bodyHash: string;
  readonly token: string | undefined;
}

interface Teller {
  /** Who tells it; a name that gives no rights. */
  readonly caller: string;
  readonly serviceKey: string;
  readonly clock: Clock;
}

/**
 * Tells the next process where the client is. The proof says nothing about who makes the call: it gives no rights, and a process that
 * only passes calls on may give it.
 */
export function tellClientAddress(
  metadata: Metadata,
  address: string,
  { caller, serviceKey, clock }: Teller,
  call: TellingCall,
): void {
  metadata.set(addressHeader, address);
  const proven = { ...provenCall(call, address), bodyHash: call.bodyHash };
  metadata.set(proofHeader, signCall(caller, serviceKey, clock.now().getTime(), proven));
}

/** Takes away what a caller said of an address. */
export function forgetClientAddress(metadata: Metadata): void {
  metadata.remove(addressHeader);
  metadata.remove(proofHeader);
}

/** The address that another process of this shop told with this call; what anybody else says counts for nothing. */
export function toldClientAddress(
  metadata: Metadata,
  { serviceKey, clock }: Omit<Teller, "caller">,
  call: Omit<TellingCall, "bodyHash"> & { readonly bodyHash: () => string },
): string | undefined {
  const [address, proof] = [addressHeader, proofHeader].map((name) => metadata.get(name)[0]?.toString());
  if (address === undefined || proof === undefined) return undefined;
  const proven = verifyCall(proof, serviceKey, clock.now().getTime(), provenCall(call, address));
  return proven?.bodyHash === call.bodyHash() ? address : undefined;
}

function provenCall({ path, token }: Pick<TellingCall, "path" | "token">, address: string) {
  return { method: `client-address ${path}`, said: [token, address] };
}

/** The address in what grpc-js says of the other end, such as "127.0.0.1:50122" or "[::1]:50122". */
export function addressOfPeer(peer: string): string {
  const address = peer.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return address.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
