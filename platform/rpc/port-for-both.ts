// One port for HTTP/1.1 and gRPC: whoever begins with HTTP/2 goes to the gRPC server.
import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import { byFirstBytes, isTlsHello, type TakeSocket } from "#platform/tls/first-bytes.ts";

/** What every plain HTTP/2 connection begins with; its first bytes tell it from any method of HTTP/1.1. */
const preface = Buffer.from("PRI * HTTP/2.0");

/**
 * Lets gRPC in over a plain HTTP port as well, for charts that know a service by the address of its HTTP side. Where gRPC speaks TLS
 * (`isEncrypted`), it does so here too, beside plain HTTP. HTTP goes on as before.
 */
export function shareWithGrpc(
  http: HttpServer,
  grpc: { readonly take: TakeSocket; readonly isEncrypted: boolean },
): void {
  const listeners = http.listeners("connection") as ((socket: Socket) => void)[];
  http.removeAllListeners("connection");
  const takeHttp = (socket: Socket) => {
    for (const listener of listeners) listener.call(http, socket);
  };
  http.on("connection", (socket: Socket) =>
    byFirstBytes(socket, (head) => {
      if (grpc.isEncrypted && isTlsHello(head)) return grpc.take;
      if (!head.subarray(0, preface.length).equals(preface.subarray(0, head.length))) return takeHttp;
      return head.length < preface.length ? undefined : grpc.take;
    }),
  );
}
