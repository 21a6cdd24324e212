// How a database URL becomes a connection: over TLS unless the server is on this machine, with the options of the URL beside ours.
import { readFileSync } from "node:fs";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import type pg from "pg";
import { StartError } from "#platform/kit/start-error.ts";

/** The sslmodes there are. `prefer` and `allow` are not among them: they give way to whoever stands in between. */
export const sslModes = ["disable", "require", "verify-ca", "verify-full"] as const;
export type SslMode = (typeof sslModes)[number];

/** What pg needs to know of a URL. */
export type Connection = Pick<pg.ClientConfig, "connectionString" | "options" | "ssl">;

const ours = ["sslmode", "sslrootcert", "sslcert", "sslkey", "options"];

/**
 * The connection of a URL. Beyond loopback and sockets of this machine it is TLS, and the server's certificate must be good for its
 * name, unless `sslmode` in the URL says otherwise: disable, require (encrypted, unverified), verify-ca, verify-full.
 * `sslrootcert`, `sslcert` and `sslkey` name files, read again for each connection. `options` of the URL stand before `sessionOptions`, which therefore hold.
 */
export function connectionOf(url: string, sessionOptions = ""): Connection {
  const parsed = URL.parse(url);
  // What is no URL, pg refuses in its own words.
  if (!parsed) return { connectionString: url, options: sessionOptions, ssl: false };
  const said = parsed.searchParams;
  const named = (name: string) => said.get(name) ?? undefined;
  const mode = sslModeOf(parsed);
  const files = { ca: named("sslrootcert"), cert: named("sslcert"), key: named("sslkey") };
  const options = [named("options"), sessionOptions].filter(Boolean).join(" ");
  for (const name of ours) said.delete(name);
  return {
    connectionString: parsed.href,
    options,
    ssl: mode === "disable" ? false : tlsOf(mode, hostOf(parsed), files),
  };
}

/** The URL with these in it, unless it says them itself. */
export function withParameters(
  url: string,
  parameters: { readonly [name: string]: string | undefined },
): string {
  const parsed = URL.parse(url);
  if (!parsed) return url;
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined && !parsed.searchParams.has(name)) parsed.searchParams.set(name, value);
  return parsed.href;
}

/** Why a connection could not be opened, for whoever runs the program; undefined when it is about something else. */
export function connectionFault(error: unknown, url: string): StartError | undefined {
  if (error instanceof StartError) return error;
  const { code = "", message = "" } = error as { code?: string; message?: string };
  const parsed = URL.parse(url);
  const address = `${hostOf(parsed) || "the local socket"}:${parsed?.port || "5432"}`;
  const say = (what: string, todo: string) =>
    new StartError(`The database server at ${address} ${what}. ${todo}`, { cause: error });
  if (/does not support SSL/i.test(message))
    return say(
      "does not speak TLS",
      "Turn it on there, or add ?sslmode=disable to the URL where the network itself is safe.",
    );
  if (/certificate|CERT_|altname|self.signed|issuer|ERR_TLS/i.test(`${code} ${message}`))
    return say(
      `shows a certificate that is not believed (${message})`,
      "Name the file of its authority as sslrootcert in the URL (or DATABASE_CA_FILE); sslmode=verify-ca leaves out the host name, sslmode=require all checks.",
    );
  if (code === "28P01" || code === "28000")
    return say("refuses the user name or the password", "Check the database URL.");
  if (code === "3D000")
    return say("has no database of this name", "Make it, or name another one in the URL.");
  if (/^E[A-Z]+$/.test(code) || /timeout|terminated unexpectedly/i.test(message))
    return say(`cannot be reached (${code || message})`, "Check that it runs and that the URL names it.");
  return undefined;
}

/** True of the codes that Node gives when a server cannot be reached, or is lost: among them those of an address that is gone, as that of a pod that was ended. */
export function isOnTheWay(code: string): boolean {
  return /^E(CONN|PIPE$|TIMEDOUT$|HOSTUNREACH$|NETUNREACH$|NOTFOUND$|AI_AGAIN$)/.test(code);
}

/** The same, of an error that came up in the midst of work: by then the URL is forgotten. Undefined when it is about something else. */
export function lostDatabase(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = "", address, port } = error as { code?: string; address?: string; port?: number };
  const isOfServer = "severity" in error && /^(08|28|3D|53|57P)/.test(code);
  const isOfWay = isOnTheWay(code);
  const isOfPool = /^Connection terminated|connection timeout|timeout exceeded/i.test(error.message);
  if (!isOfServer && !isOfWay && !isOfPool) return undefined;
  const where = address === undefined ? "" : ` at ${address}${port === undefined ? "" : `:${port}`}`;
  const why = isOfServer || code === "" ? error.message : code;
  return `The database server${where} cannot be used (${why}). Check that it runs and that the database URL names it, then try again.`;
}

function sslModeOf(url: URL): SslMode {
  const said = url.searchParams.get("sslmode");
  if (said === null) return isLocal(url) ? "disable" : "verify-full";
  const mode = sslModes.find((one) => one === said);
  if (mode) return mode;
  throw new StartError(
    `sslmode=${said} in a database URL is not one of ${sslModes.join(", ")}. Without it, a server beyond this machine is verified in full.`,
  );
}

function hostOf(url: URL | null): string {
  const host = url?.searchParams.get("host") ?? decodeURIComponent(url?.hostname ?? "");
  return host.replace(/^\[(.*)\]$/, "$1");
}

function isLocal(url: URL): boolean {
  const host = hostOf(url);
  return (
    host === "" ||
    host.startsWith("/") ||
    host === "localhost" ||
    host === "::1" ||
    /^127(\.\d{1,3}){3}$/.test(host)
  );
}

interface CertificateFiles {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

function tlsOf(mode: SslMode, host: string, files: CertificateFiles): pg.ClientConfig["ssl"] {
  const isVerified = mode !== "require" || files.ca !== undefined;
  const checkName = (_name: string, certificate: PeerCertificate) =>
    mode === "verify-full" ? checkServerIdentity(host, certificate) : undefined;
  const tls = { rejectUnauthorized: isVerified, checkServerIdentity: checkName };
  // As getters, so that each new connection reads what lies there now.
  for (const [name, file] of Object.entries(files)) {
    if (file === undefined) continue;
    let content = contentOf(file);
    const get = () => (content = newer(file) ?? content);
    Object.defineProperty(tls, name, { enumerable: true, configurable: true, get });
  }
  return tls;
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new StartError(`The file ${file}, which a database URL names for TLS, cannot be read.`, {
      cause: error,
    });
  }
}

/** Undefined while the file is being replaced: what was read before goes on. */
function newer(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
