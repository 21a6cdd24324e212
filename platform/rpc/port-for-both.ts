// One port for HTTP/1.1 and gRPC: whoever begins with HTTP/2 goes to the gRPC server.
import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";

/** What every HTTP/2 connection begins with; its first bytes tell it from any method of HTTP/1.1. */
const preface = Buffer.from("PRI * HTTP/2.0");
/** A connection that says nothing is not kept. */
const silenceMaxMs = 10_000;

/**
 * Lets gRPC in over an HTTP port as well, for charts that know a service by the address of its HTTP side. Only plain connections: a
 * port that speaks TLS is shared by nobody. HTTP goes on as before.
 */
export function shareWithGrpc(http: HttpServer, takeGrpc: (socket: Socket) => void): void {
  const takeHttp = http.listeners("connection") as ((socket: Socket) => void)[];
  http.removeAllListeners("connection");
  http.on("connection", (socket: Socket) => {
    const onSilence = () => socket.destroy();
    const onError = () => socket.destroy();
    const received: Buffer[] = [];
    socket.setTimeout(silenceMaxMs, onSilence);
    socket.on("error", onError);
    const onReadable = () => {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null)
        received.push(chunk);
      const head = Buffer.concat(received);
      const isGrpc = head.subarray(0, preface.length).equals(preface.subarray(0, head.length));
      if (head.length === 0 || (isGrpc && head.length < preface.length)) return;
      socket.off("readable", onReadable).off("error", onError).off("timeout", onSilence).setTimeout(0);
      socket.unshift(head);
      if (isGrpc) return takeGrpc(socket);
      for (const take of takeHttp) take.call(http, socket);
    };
    socket.on("readable", onReadable);
  });
}
