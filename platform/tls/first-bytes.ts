// Several protocols on one port: what a connection begins with decides who takes it.
import type { Socket } from "node:net";

/** Takes a connection of which nothing has been read yet. */
export type TakeSocket = (socket: Socket) => void;

/** A connection that says nothing is not kept. */
const silenceMaxMs = 10_000;
/** What a TLS handshake begins with. */
const handshakeRecord = 0x16;

/** True when a connection that begins with this speaks TLS. */
export function isTlsHello(head: Buffer): boolean {
  return head[0] === handshakeRecord;
}

/**
 * Hands a connection to whom `decide` names once it has seen enough of its first bytes; they are put back before. One that stays
 * silent is cut off.
 */
export function byFirstBytes(socket: Socket, decide: (head: Buffer) => TakeSocket | undefined): void {
  const cut = () => socket.destroy();
  const received: Buffer[] = [];
  socket.setTimeout(silenceMaxMs, cut);
  socket.on("error", cut);
  const onReadable = () => {
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null)
      received.push(chunk);
    const head = Buffer.concat(received);
    const take = head.length === 0 ? undefined : decide(head);
    if (!take) return;
    socket.off("readable", onReadable).off("error", cut).off("timeout", cut).setTimeout(0);
    socket.unshift(head);
    take(socket);
  };
  socket.on("readable", onReadable);
}
