// TLS of gRPC, for those who listen and those who call. Whether there is any, and whether it is mutual, is one setting for all.
import { performServerHandshake } from "node:http2";
import { isIP, type Socket } from "node:net";
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import { CallCredentials, ChannelCredentials, experimental, status } from "@grpc/grpc-js";
import type { Clock } from "#platform/kit/clock.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { CertificateFiles } from "#platform/tls/certificate-files.ts";
import { TlsDoor, tlsVersion } from "#platform/tls/tls-door.ts";
import { grpcTlsFiles, requireUsableGrpcTls, type TlsSettings } from "#platform/tls/tls-settings.ts";

export interface GrpcTlsOptions {
  readonly settings: TlsSettings;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Opens TLS for gRPC as the settings say; undefined when it is off. Throws a ConfigError when they are not usable. */
export function openGrpcTls(options: GrpcTlsOptions): GrpcTls | undefined {
  const { settings, clock, log } = options;
  requireUsableGrpcTls(settings, clock);
  const files = grpcTlsFiles(settings);
  if (!files) return undefined;
  return new GrpcTls(new CertificateFiles({ files, purpose: "gRPC", clock, log }), options);
}

/** One certificate and one set of authorities for all gRPC of this process, always the newest. */
export class GrpcTls {
  /** For channels: the server's certificate must be of the authorities, and good for the host that was dialled. */
  readonly channel: ChannelCredentials;
  readonly #files: CertificateFiles;
  readonly #channels = new Map<string, ChannelCredentials>();
  readonly #isMutual: boolean;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** When something was told last, by what it was about. */
  readonly #toldMs = new Map<string, number>();

  constructor(files: CertificateFiles, { settings, clock, log }: GrpcTlsOptions) {
    this.#files = files;
    this.#isMutual = settings.GRPC_TLS === "mutual";
    this.#clock = clock;
    this.#log = log;
    this.channel = this.#credentials(undefined);
  }

  /** The same for an address whose certificate is good for a name; by default for the host that was dialled. */
  channelTo(name: string): ChannelCredentials {
    const known = this.#channels.get(name);
    if (known) return known;
    const made = this.#credentials(name);
    this.#channels.set(name, made);
    return made;
  }

  #credentials(name: string | undefined): ChannelCredentials {
    const onFailure = (host: string, reason: string) => {
      if (this.#isNews(host))
        this.#log.warn(
          { host, reason },
          `A gRPC connection to ${host} came to nothing in its TLS handshake: ${reason}.`,
        );
    };
    return new FileCredentials(this.#files, onFailure, name);
  }

  /** For listeners: gives `onSecure` connections whose handshake is done; those that begin without TLS are told so and end. */
  openDoor(onSecure: (socket: TLSSocket) => void): TlsDoor {
    return new TlsDoor({
      files: this.#files,
      protocol: "h2",
      isMutual: this.#isMutual,
      onSecure,
      onPlain: refusePlain,
      onRefused: (reason, address) => this.#tell(reason, address),
    });
  }

  close(): void {
    this.#files.close();
  }

  /** Who only knocks (a probe of a load balancer) is not worth a line. */
  #tell(reason: string, address: string): void {
    if (reason === "ECONNRESET" || !this.#isNews("")) return;
    const demand = this.#isMutual
      ? " GRPC_TLS is mutual: callers need a certificate of an authority in GRPC_TLS_CA."
      : "";
    this.#log.warn(
      { address, reason },
      `A gRPC connection came to nothing in its TLS handshake: ${reason}.${demand}`,
    );
  }

  /** What happens again and again is worth one line in a minute. */
  #isNews(about: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - (this.#toldMs.get(about) ?? Number.NEGATIVE_INFINITY) < 60_000) return false;
    this.#toldMs.set(about, nowMs);
    return true;
  }
}

const plainRefusal = "This port speaks gRPC over TLS only; set GRPC_TLS for the caller as it is set here.";

/** Answers each call of a plaintext connection with a sentence; whatever the call carries is not looked at. */
function refusePlain(socket: Socket): void {
  const session = performServerHandshake(socket);
  session.setTimeout(1_000, () => session.destroy());
  session.on("error", () => session.destroy());
  session.on("stream", (stream) => {
    stream.on("error", () => session.destroy());
    const head = { ":status": 200, "content-type": "application/grpc" };
    stream.respond(
      { ...head, "grpc-status": status.UNAVAILABLE, "grpc-message": plainRefusal },
      { endStream: true },
    );
    session.close();
  });
}

type Target = Parameters<ChannelCredentials["_createSecureConnector"]>[0];

/** Channel credentials from files. Each connection is made with what they hold then; those that stand keep theirs. */
class FileCredentials extends ChannelCredentials {
  readonly #onFailure: (host: string, reason: string) => void;
  readonly #name: string | undefined;
  #context: SecureContext;

  constructor(
    files: CertificateFiles,
    onFailure: (host: string, reason: string) => void,
    name: string | undefined,
  ) {
    super();
    this.#onFailure = onFailure;
    this.#name = name;
    const contextOf = () => createSecureContext({ ...pemOf(files), minVersion: tlsVersion });
    this.#context = contextOf();
    files.follow(() => (this.#context = contextOf()));
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(
    { path }: Target,
    _options: object,
    callCredentials = CallCredentials.createEmpty(),
  ): experimental.SecureConnector {
    const host = this.#name ?? experimental.splitHostPort(path)?.host ?? path;
    return {
      connect: async (socket) => ({ socket: await this.#encrypted(socket, host), secure: true }),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => callCredentials,
      destroy: () => undefined,
    };
  }

  async #encrypted(socket: Socket, host: string): Promise<TLSSocket> {
    try {
      return await encrypted(socket, host, this.#context);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#onFailure(host, reason);
      throw new Error(`The TLS handshake with ${host} failed: ${reason}`, { cause: error });
    }
  }
}

function pemOf({ current: { cert, key, ca } }: CertificateFiles) {
  return { cert, key, ca };
}

function encrypted(socket: Socket, host: string, secureContext: SecureContext): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const tls = connect({
      socket,
      secureContext,
      host,
      // Names are asked for; an address is none.
      ...(isIP(host) === 0 ? { servername: host } : {}),
      checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
      ALPNProtocols: ["h2"],
    });
    tls.once("secureConnect", () => resolve(tls));
    tls.on("error", reject);
    tls.once("close", () => reject(new Error("the connection was closed")));
  });
}
