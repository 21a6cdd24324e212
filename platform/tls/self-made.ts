// A certificate for a listener that was given none: made once, kept, and made again before it ends.
import { randomBytes, X509Certificate } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join } from "node:path";
import type { Clock } from "#platform/kit/clock.ts";
import { makeFolder } from "#platform/kit/folders.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { makeCertificate } from "./certificate.ts";

export interface OwnCertificateWish {
  readonly folder: string;
  /** Beside localhost, 127.0.0.1 and ::1. */
  readonly hosts: readonly string[];
  readonly clock: Pick<Clock, "now">;
}

const dayMs = 86_400_000;
/** No browser takes longer ones. */
const lifeDays = 397;
const renewDays = 30;

/**
 * The path of a file with a certificate and its key, made when there is none that is good for all hosts and for another month.
 * It signs itself: browsers warn of it until they are told to believe it. Throws a StartError when the folder cannot be written.
 */
export function makeOwnCertificate({ folder, hosts, clock }: OwnCertificateWish): string {
  const wanted = [...new Set(["localhost", "127.0.0.1", "::1", ...hosts])];
  const path = join(folder, "self-made.pem");
  const now = clock.now();
  if (isGood(path, wanted, now)) return path;
  const { cert, key } = makeCertificate({
    name: "Stoa",
    hosts: wanted,
    notBefore: new Date(now.getTime() - dayMs),
    notAfter: new Date(now.getTime() + lifeDays * dayMs),
  });
  try {
    makeFolder(folder, 0o700);
    // One file, put into place at once: no reader meets a certificate beside the key of another.
    const draft = `${path}.${randomBytes(6).toString("hex")}`;
    writeFileSync(draft, cert + key, { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    throw new StartError(
      `HTTP_TLS is self-made, but the certificate cannot be written to ${path} (${(error as NodeJS.ErrnoException).code ?? String(error)}). Make the folder writable, or name a certificate with HTTP_TLS=on.`,
      { cause: error },
    );
  }
  return path;
}

function isGood(path: string, hosts: readonly string[], now: Date): boolean {
  try {
    const certificate = new X509Certificate(readFileSync(path));
    const isFor = (host: string) =>
      isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
    return (
      certificate.validToDate.getTime() > now.getTime() + renewDays * dayMs &&
      hosts.every((host) => isFor(host) !== undefined)
    );
  } catch {
    return false;
  }
}
