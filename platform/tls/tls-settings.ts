// From the settings of TLS to the files they name, and everything that can be wrong with them.
import type { Clock } from "#platform/kit/clock.ts";
import { ConfigError, type ConfigOf } from "#platform/kit/config.ts";
import { readTlsFiles, type NamedFile, type TlsFiles } from "./certificate-files.ts";
import type { TlsConfig } from "./tls-config.ts";

/** The settings of TLS as they were read. */
export type TlsSettings = ConfigOf<typeof TlsConfig>;

/** The files of gRPC; undefined while it is plaintext. */
export function grpcTlsFiles(settings: TlsSettings): TlsFiles | undefined {
  if (!isOn(settings.GRPC_TLS)) return undefined;
  return {
    cert: named(settings, "GRPC_TLS_CERT"),
    key: named(settings, "GRPC_TLS_KEY"),
    ca: named(settings, "GRPC_TLS_CA"),
  };
}

/** The files of the HTTP listener; undefined while it is plaintext, or makes its own certificate. */
export function httpTlsFiles(settings: TlsSettings): TlsFiles | undefined {
  if (settings.HTTP_TLS !== "on") return undefined;
  return { cert: named(settings, "HTTP_TLS_CERT"), key: named(settings, "HTTP_TLS_KEY") };
}

/** The file with the authorities that other HTTP services of the shop are verified against; undefined for the public ones. */
export function httpAuthorities(settings: TlsSettings): TlsFiles | undefined {
  const ca = named(settings, "HTTP_TLS_CA");
  return ca && { ca };
}

/** Whether the HTTP port speaks TLS. */
export function isHttpEncrypted({ HTTP_TLS }: Pick<TlsSettings, "HTTP_TLS">): boolean {
  return isOn(HTTP_TLS);
}

/** Whether the settings say anything of TLS for HTTP, right or wrong. */
export function saysHttpTls({ HTTP_TLS, HTTP_TLS_CERT, HTTP_TLS_KEY, HTTP_TLS_CA }: TlsSettings): boolean {
  return [HTTP_TLS, HTTP_TLS_CERT, HTTP_TLS_KEY, HTTP_TLS_CA].some((value) => value !== undefined);
}

/** Throws a ConfigError that names every setting of TLS for gRPC that is missing, too many, or names a file that cannot be used. */
export function requireUsableGrpcTls(settings: TlsSettings, clock: Pick<Clock, "now">): void {
  requireNone(grpcFaults(settings));
  requireNone(faultsOf(grpcTlsFiles(settings), clock));
}

/** The same for HTTP. */
export function requireUsableHttpTls(settings: TlsSettings, clock: Pick<Clock, "now">): void {
  requireNone(httpFaults(settings));
  requireNone([...faultsOf(httpTlsFiles(settings), clock), ...faultsOf(httpAuthorities(settings), clock)]);
}

function requireNone(faults: readonly string[]): void {
  if (faults.length > 0) throw new ConfigError(faults);
}

function faultsOf(files: TlsFiles | undefined, clock: Pick<Clock, "now">): readonly string[] {
  try {
    if (files) readTlsFiles(files, clock);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

function grpcFaults(settings: TlsSettings): string[] {
  const { GRPC_TLS: mode } = settings;
  if (mode === undefined)
    return withoutSwitch(settings, "GRPC_TLS", ["GRPC_TLS_CERT", "GRPC_TLS_KEY", "GRPC_TLS_CA"]);
  if (mode === "off") return [];
  const faults = missing(settings, `GRPC_TLS is ${mode}`, ["GRPC_TLS_CERT", "GRPC_TLS_KEY"]);
  if (mode === "mutual" && settings.GRPC_TLS_CA === undefined)
    faults.push(
      "GRPC_TLS is mutual, but GRPC_TLS_CA is not set. Name the file with the authority whose certificates callers must show.",
    );
  return faults;
}

function httpFaults(settings: TlsSettings): string[] {
  const { HTTP_TLS: mode } = settings;
  const pair = ["HTTP_TLS_CERT", "HTTP_TLS_KEY"] as const;
  if (mode === undefined) return withoutSwitch(settings, "HTTP_TLS", pair);
  if (mode === "on") return missing(settings, "HTTP_TLS is on", pair);
  const [first] = pair.filter((name) => settings[name] !== undefined);
  if (mode !== "self-made" || first === undefined) return [];
  return [
    `HTTP_TLS is self-made, but ${first} names a certificate of yours. Set HTTP_TLS=on to use it, or leave it out.`,
  ];
}

type FileSetting = Exclude<keyof TlsSettings, "GRPC_TLS" | "HTTP_TLS">;

/** Files that nobody reads would be a shop that somebody believes to be encrypted. */
function withoutSwitch(
  settings: TlsSettings,
  name: "GRPC_TLS" | "HTTP_TLS",
  files: readonly FileSetting[],
): string[] {
  const first = files.find((file) => settings[file] !== undefined);
  return first === undefined
    ? []
    : [`${first} is set, but ${name} is not. Set ${name} to on to use it, or to off.`];
}

function missing(settings: TlsSettings, why: string, files: readonly FileSetting[]): string[] {
  return files
    .filter((file) => settings[file] === undefined)
    .map(
      (file) =>
        `${why}, but ${file} is not set. Name the file with the ${file.endsWith("KEY") ? "private key" : "certificate"}.`,
    );
}

function named(settings: TlsSettings, setting: FileSetting): NamedFile | undefined {
  const path = settings[setting];
  return path === undefined ? undefined : { setting, path };
}

function isOn(mode: string | undefined): boolean {
  return mode !== undefined && mode !== "off";
}
