// TLS of HTTP: what the listener shows, and whom calls to the shop's other HTTP services believe.
import { X509Certificate } from "node:crypto";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import {
  checkServerIdentity,
  createSecureContext,
  getCACertificates,
  type ConnectionOptions,
} from "node:tls";
import type { Clock } from "#platform/kit/clock.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { CertificateFiles, type TlsFiles } from "#platform/tls/certificate-files.ts";
import type { TakeSocket } from "#platform/tls/first-bytes.ts";
import { makeOwnCertificate } from "#platform/tls/self-made.ts";
import { TlsDoor, tlsVersion } from "#platform/tls/tls-door.ts";
import {
  httpAuthorities,
  httpTlsFiles,
  requireUsableHttpTls,
  type TlsSettings,
} from "#platform/tls/tls-settings.ts";

export interface HttpTlsOptions {
  readonly settings: TlsSettings & { readonly STOA_DATA: string };
  /** Where the listener is, and where people reach the shop: a self-made certificate is good for both. */
  readonly host: string;
  readonly url: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Opens TLS for HTTP as the settings say; undefined when they say nothing. Throws a ConfigError or StartError when it cannot be. */
export function openHttpTls(options: HttpTlsOptions): HttpTls | undefined {
  const { settings, clock, log } = options;
  requireUsableHttpTls(settings, clock);
  const open = (files: TlsFiles | undefined) =>
    files && new CertificateFiles({ files, purpose: "HTTP", clock, log });
  const own = open(settings.HTTP_TLS === "self-made" ? selfMade(options) : httpTlsFiles(settings));
  const authorities = open(httpAuthorities(settings));
  return own || authorities ? new HttpTls(own, authorities) : undefined;
}

function selfMade({ settings, host, url, clock }: HttpTlsOptions): TlsFiles {
  const hosts = [host, URL.parse(url)?.hostname.replace(/^\[(.*)\]$/, "$1") ?? ""].filter(
    (name) => !["", "0.0.0.0", "::"].includes(name),
  );
  const path = makeOwnCertificate({ folder: join(settings.STOA_DATA, "tls"), hosts, clock });
  const file = { setting: "HTTP_TLS=self-made", path };
  return { cert: file, key: file };
}

/** Options of `tls.connect`. */
export type HttpTrust = Required<Pick<ConnectionOptions, "secureContext" | "checkServerIdentity">>;

/** The certificate of this process and the authorities it believes, always the newest. */
export class HttpTls {
  readonly #own: CertificateFiles | undefined;
  readonly #authorities: CertificateFiles | undefined;
  #version = 0;
  #trusted: { readonly version: number; readonly trust: HttpTrust } | undefined;

  constructor(own: CertificateFiles | undefined, authorities: CertificateFiles | undefined) {
    this.#own = own;
    this.#authorities = authorities;
    for (const files of [own, authorities]) files?.follow(() => (this.#version += 1));
  }

  /** Whether listeners of this process speak TLS. */
  get isEncrypted(): boolean {
    return this.#own !== undefined;
  }

  /** Lets only TLS into a listener that is encrypted; who comes without goes to `onPlain`. Ends with the listener. */
  guard(http: Server, onPlain: TakeSocket): void {
    if (!this.#own) return;
    const listeners = http.listeners("connection") as ((socket: Socket) => void)[];
    http.removeAllListeners("connection");
    const onSecure = (socket: Socket) => {
      for (const listener of listeners) listener.call(http, socket);
    };
    const door = new TlsDoor({ files: this.#own, protocol: "http/1.1", isMutual: false, onSecure, onPlain });
    http.on("connection", (socket: Socket) => door.take(socket));
    // The listener is closed when the last connection ends: those that never became one must not hold it.
    const close = http.close.bind(http);
    http.close = (done) => {
      door.close();
      return close(done);
    };
  }

  /** Whom a new connection to another HTTP service of the shop believes, as options of `tls.connect`: as the files say now. */
  trust(): HttpTrust {
    if (this.#trusted?.version !== this.#version)
      this.#trusted = { version: this.#version, trust: this.#readTrust() };
    return this.#trusted.trust;
  }

  close(): void {
    this.#own?.close();
    this.#authorities?.close();
  }

  /** Whoever shows our own certificate has our key, and is we: under whatever name, as when a process calls itself by its address. */
  #readTrust(): HttpTrust {
    const own = this.#own?.current.cert;
    const leaf = own === undefined ? undefined : new X509Certificate(own);
    const authorities = this.#authorities?.current.ca;
    const ca = [
      ...(authorities === undefined ? getCACertificates("default") : [authorities]),
      ...(leaf ? [leaf.toString()] : []),
    ];
    return {
      secureContext: createSecureContext({ ca, minVersion: tlsVersion, allowPartialTrustChain: true }),
      checkServerIdentity: ((host, certificate) =>
        leaf?.raw.equals(certificate.raw)
          ? undefined
          : checkServerIdentity(host, certificate)) satisfies typeof checkServerIdentity,
    };
  }
}
