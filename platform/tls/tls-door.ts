// What stands before a listener that speaks TLS: it makes the handshake with the newest certificate and passes on what is inside.
import { createServer, type Server, type TLSSocket, type TlsOptions } from "node:tls";
import type { Socket } from "node:net";
import type { CertificateFiles, TlsMaterial } from "./certificate-files.ts";
import { byFirstBytes, isTlsHello, type TakeSocket } from "./first-bytes.ts";

export interface TlsDoorOptions {
  readonly files: CertificateFiles;
  readonly protocol: "h2" | "http/1.1";
  /** Whoever comes must show a certificate of the authorities in the files. */
  readonly isMutual: boolean;
  readonly onSecure: (socket: TLSSocket) => void;
  /** Somebody begins without TLS. Nothing was read of it. */
  readonly onPlain: TakeSocket;
  /** A handshake came to nothing; `reason` is a few words. */
  readonly onRefused?: (reason: string, address: string) => void;
}

/** The only version that is spoken. */
export const tlsVersion = "TLSv1.3";
const handshakeTimeoutMs = 10_000;

/**
 * Makes the TLS side of connections that somebody else accepted: TLS 1.3 and nothing older. New files are in force for the
 * next connection; those that stand keep theirs.
 */
export class TlsDoor {
  readonly #server: Server;
  readonly #options: TlsDoorOptions;
  /** Connections between their first byte and the end of their handshake, by the other end's address and port. */
  readonly #entering = new Map<string, Socket>();
  readonly #unfollow: () => void;

  constructor(options: TlsDoorOptions) {
    const { files, isMutual, protocol, onSecure, onRefused } = options;
    this.#options = options;
    const fixed = {
      ALPNProtocols: [protocol],
      requestCert: isMutual,
      rejectUnauthorized: isMutual,
      handshakeTimeout: handshakeTimeoutMs,
    };
    this.#server = createServer({ ...fixed, ...contextOf(files.current) });
    this.#server.on("secureConnection", (socket) => {
      this.#entering.delete(otherEndOf(socket));
      onSecure(socket);
    });
    this.#server.on("tlsClientError", (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      // OpenSSL has found out already that it does not believe the certificate; Node only says that it hung up.
      const found: unknown = socket.authorizationError;
      const reason = typeof found === "string" ? found : (error.code ?? error.message);
      onRefused?.(reason, socket.remoteAddress ?? "");
      socket.destroy();
    });
    this.#unfollow = files.follow((material) => this.#server.setSecureContext(contextOf(material)));
  }

  /** Takes a connection of which nothing has been read. */
  take(socket: Socket): void {
    const otherEnd = otherEndOf(socket);
    this.#entering.set(otherEnd, socket);
    socket.once("close", () => this.#entering.delete(otherEnd));
    byFirstBytes(socket, (head) => (isTlsHello(head) ? this.#shakeHands : this.#passOn));
  }

  /** Lets nobody in any more and cuts off who is still on the threshold. Connections that were passed on are not touched. */
  close(): void {
    this.#unfollow();
    for (const socket of this.#entering.values()) socket.destroy();
  }

  readonly #shakeHands = (socket: Socket): void => {
    this.#server.emit("connection", socket);
  };

  readonly #passOn = (socket: Socket): void => {
    this.#entering.delete(otherEndOf(socket));
    this.#options.onPlain(socket);
  };
}

function otherEndOf({ remoteAddress = "", remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function contextOf({ cert, key, ca }: TlsMaterial): TlsOptions {
  return { cert, key, ca, minVersion: tlsVersion };
}
