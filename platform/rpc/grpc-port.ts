// The port of a gRPC server, in plaintext or over TLS.
import { createServer, type Socket } from "node:net";
import { ServerCredentials, type Server } from "@grpc/grpc-js";
import type { Clock } from "#platform/kit/clock.ts";
import { portFault } from "#platform/kit/port-fault.ts";
import { clampDeadlines } from "./call-deadline.ts";
import type { GrpcTls } from "./grpc-tls.ts";

export interface GrpcPortOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly clock: Clock;
  /** Undefined for plaintext. */
  readonly tls?: GrpcTls | undefined;
}

/** An open port. */
export interface GrpcPort {
  readonly port: number;
  /** Connections must begin with a TLS handshake, here and in `take`. */
  readonly isEncrypted: boolean;
  /** Takes a connection that came over another port, of which nothing has been read. */
  take(socket: Socket): void;
  /** Stops taking calls, waits for those under way up to `graceMs`, then cuts the rest. */
  close(graceMs: number): Promise<void>;
}

/** Opens the port, or rejects with a StartError when it is taken. */
export async function openGrpcPort(server: Server, options: GrpcPortOptions): Promise<GrpcPort> {
  const { tls, clock } = options;
  clampDeadlines();
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const end = async (graceMs: number) => {
    injector.drain(graceMs);
    injector.destroy();
    await closeServer(server, graceMs, clock);
  };
  if (!tls) {
    await requireFree(options);
    const port = await bindPort(server, options);
    return { port, isEncrypted: false, take: (socket) => injector.injectConnection(socket), close: end };
  }
  // The handshake is ours and gRPC gets what is inside: so certificates can change while connections stand.
  const door = tls.openDoor((socket) => injector.injectConnection(socket));
  const take = (socket: Socket) => door.take(socket);
  const listener = await listenFor(take, options);
  const close = async (graceMs: number) => {
    listener.close();
    door.close();
    await end(graceMs);
  };
  return { port: listener.port, isEncrypted: true, take, close };
}

function bindPort(server: Server, { host, port }: GrpcPortOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(portFault({ host, port, setting: "GRPC_PORT" }, error));
      else resolve(bound);
    });
  });
}

/** Asked before gRPC is: of a port that it cannot have it says a line of its own that helps nobody, and no reason. */
async function requireFree(options: GrpcPortOptions): Promise<void> {
  const free = await listenFor((socket) => socket.destroy(), options);
  free.close();
}

async function listenFor(
  take: (socket: Socket) => void,
  { host, port }: GrpcPortOptions,
): Promise<{ readonly port: number; close(): void }> {
  const listener = createServer({ noDelay: true }, take);
  await new Promise<void>((resolve, reject) => {
    listener.once("error", (error) => reject(portFault({ host, port, setting: "GRPC_PORT" }, error)));
    listener.listen({ host, port }, () => resolve());
  });
  const address = listener.address();
  return {
    port: typeof address === "object" && address ? address.port : port,
    close: () => void listener.close(),
  };
}

/** Waits for calls under way up to `graceMs`, then cuts the rest. */
async function closeServer(server: Server, graceMs: number, clock: Clock): Promise<void> {
  const drained = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  const timer = clock.after(graceMs, () => server.forceShutdown());
  await drained;
  timer.stop();
}
