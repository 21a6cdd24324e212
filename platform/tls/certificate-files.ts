// Certificates in files: checked before they are used, and read again when they change, as long as the program runs.
import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Clock } from "#platform/kit/clock.ts";
import { ConfigError } from "#platform/kit/config.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import { certificateExpiry } from "#platform/telemetry/metrics.ts";

/** A file, and the setting that names it. */
export interface NamedFile {
  readonly setting: string;
  readonly path: string;
}

/** The files of one side of TLS. Certificate and key are there together, or neither is. */
export interface TlsFiles {
  readonly cert?: NamedFile | undefined;
  readonly key?: NamedFile | undefined;
  readonly ca?: NamedFile | undefined;
}

/** What the files hold, as PEM. */
export interface TlsMaterial {
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly ca: string | undefined;
  /** When the certificate ends. */
  readonly expiresAt: Date | undefined;
}

export interface CertificateFilesOptions {
  readonly files: TlsFiles;
  /** What the certificate is for, in logs and metrics: gRPC or HTTP. */
  readonly purpose: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A change of the files is in force after this time at the latest. */
export const rereadMs = 10_000;
/** A certificate that ends sooner is warned of, once a day. */
const warnBeforeMs = 14 * 86_400_000;
const warnEveryMs = 86_400_000;

/**
 * The content of the files, always the newest that is whole: a key that does not belong to its certificate (files in the middle of
 * being replaced), an ended certificate or an unreadable file are not taken. The last good content stays, and the log says so once.
 * Changes are found by what the files hold, so that links that are swapped (as Kubernetes does) count like any other change.
 */
export class CertificateFiles {
  readonly #options: CertificateFilesOptions;
  readonly #listeners = new Set<(material: TlsMaterial) => void>();
  #current: TlsMaterial;
  #fault: string | undefined;
  #warnedMs = Number.NEGATIVE_INFINITY;
  #timer: { stop(): void } | undefined;

  /** Reads them. Throws a ConfigError that names the settings of whatever is wrong. */
  constructor(options: CertificateFilesOptions) {
    this.#options = options;
    this.#current = readTlsFiles(options.files, options.clock);
    this.#look();
    this.#wait();
  }

  get current(): TlsMaterial {
    return this.#current;
  }

  /** Calls `listener` with the content now and whenever other content is taken. Returns how to stop that. */
  follow(listener: (material: TlsMaterial) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#current);
    return () => this.#listeners.delete(listener);
  }

  /** Ends the looking; what was read last stays. */
  close(): void {
    this.#timer?.stop();
    this.#listeners.clear();
  }

  #wait(): void {
    this.#timer = this.#options.clock.after(rereadMs, () => {
      this.#wait();
      this.#reread();
      this.#look();
    });
  }

  #reread(): void {
    const { files, purpose, clock, log } = this.#options;
    try {
      const found = readTlsFiles(files, clock, this.#current);
      this.#fault = undefined;
      if (found === this.#current) return;
      this.#current = found;
      this.#warnedMs = Number.NEGATIVE_INFINITY;
      log.info(
        { expiresAt: found.expiresAt },
        `The files for TLS of ${purpose} have changed and are in force.`,
      );
      for (const listener of this.#listeners) listener(found);
    } catch (error) {
      const fault = error instanceof ConfigError ? error.faults.join(" ") : String(error);
      if (fault === this.#fault) return;
      this.#fault = fault;
      log.warn(`New files for TLS of ${purpose} are not taken; those before stay in force. ${fault}`);
    }
  }

  /** Tells when the certificate ends: always as a metric, and in the log when it is soon. */
  #look(): void {
    const { purpose, clock, log } = this.#options;
    const { expiresAt } = this.#current;
    if (expiresAt === undefined) return;
    certificateExpiry.set({ purpose }, Math.floor(expiresAt.getTime() / 1000));
    const leftMs = expiresAt.getTime() - clock.now().getTime();
    if (leftMs > warnBeforeMs || clock.monotonicMs() - this.#warnedMs < warnEveryMs) return;
    this.#warnedMs = clock.monotonicMs();
    const when = leftMs > 0 ? "ends soon" : "has ended, and whoever connects refuses it";
    log.warn(
      { expiresAt },
      `The certificate of ${purpose} ${when} (${expiresAt.toISOString()}). Put a new one into its files.`,
    );
  }
}

/**
 * Reads and checks files for TLS. Throws a ConfigError with a sentence for each fault. What is `known` already is given back
 * unchecked: a certificate that ends while it is in use is not thrown away for it.
 */
export function readTlsFiles(files: TlsFiles, clock: Pick<Clock, "now">, known?: TlsMaterial): TlsMaterial {
  const faults: string[] = [];
  const read = (file: NamedFile | undefined) => {
    if (file === undefined) return undefined;
    try {
      return readFileSync(file.path, "utf8");
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      faults.push(`${file.setting} names the file ${file.path}, which cannot be read (${code}).`);
      return undefined;
    }
  };
  const [cert, key, ca] = [read(files.cert), read(files.key), read(files.ca)];
  if (known && known.cert === cert && known.key === key && known.ca === ca) return known;
  const leaf = files.cert && cert !== undefined ? parsed(files.cert, cert, faults) : undefined;
  if (leaf && files.cert) faults.push(...faultsOfTime(files.cert, leaf, clock.now()));
  const privateKey = files.key && key !== undefined ? parsedKey(files.key, key, faults) : undefined;
  if (leaf && privateKey && files.key && files.cert && !leaf.checkPrivateKey(privateKey))
    faults.push(
      `The key in ${files.key.setting} (${files.key.path}) does not belong to the certificate in ${files.cert.setting} (${files.cert.path}).`,
    );
  if (files.ca && ca !== undefined) parsed(files.ca, ca, faults);
  if (faults.length > 0) throw new ConfigError(faults);
  return { cert, key, ca, expiresAt: leaf?.validToDate };
}

/** The first certificate; a fault when any of them is none. */
function parsed({ setting, path }: NamedFile, text: string, faults: string[]): X509Certificate | undefined {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  const begun = text.match(/-----BEGIN CERTIFICATE-----/g) ?? [];
  try {
    const [first] = blocks.map((block) => new X509Certificate(block));
    if (first && blocks.length === begun.length) return first;
  } catch {
    // Said below.
  }
  faults.push(`${setting} names the file ${path}, which holds no whole certificate in PEM.`);
  return undefined;
}

function parsedKey({ setting, path }: NamedFile, text: string, faults: string[]): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    faults.push(`${setting} names the file ${path}, which holds no private key in PEM without a passphrase.`);
    return undefined;
  }
}

function faultsOfTime({ setting, path }: NamedFile, leaf: X509Certificate, now: Date): string[] {
  const say = (what: string) => [`The certificate in ${setting} (${path}) ${what}.`];
  if (leaf.validToDate <= now) return say(`has ended on ${leaf.validToDate.toISOString()}`);
  if (leaf.validFromDate > now) return say(`begins only on ${leaf.validFromDate.toISOString()}`);
  return [];
}
