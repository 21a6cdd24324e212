// The two ports people know of a shop, held from before anything is opened until their listeners are ready.
import { holdPort, type HeldPort } from "#platform/http/held-port.ts";
import { systemClock } from "#platform/kit/clock.ts";
import type { ConfigOf } from "#platform/kit/config.ts";
import type { PlatformConfig } from "#platform/kit/settings.ts";
import { isHttpEncrypted } from "#platform/tls/tls-settings.ts";
import { forgetArchive } from "../backup/archive-slot.ts";
import { openDatabases, type OpenDatabases, type OpenDatabasesOptions } from "./open-databases.ts";

export interface HeldPorts {
  readonly http: HeldPort;
  readonly grpc: HeldPort;
}

/** Takes the ports, then opens the databases, for as long as `work` takes: a port that is busy is told before a database is touched. */
export async function withPortsAndDatabases(
  options: OpenDatabasesOptions & { readonly stop: AbortSignal },
  work: (held: HeldPorts, databases: OpenDatabases) => Promise<void>,
): Promise<void> {
  const held = await holdPorts(options.config, options.stop);
  try {
    const databases = await openDatabases(options);
    try {
      await keepingSafe(options, databases, async () => await work(held, databases));
    } finally {
      await databases.stop();
    }
  } finally {
    held.http.release();
    held.grpc.release();
  }
}

/** Looks after the shop's own server while it is at work; what that takes is loaded only where it is asked for. */
async function keepingSafe(
  { environment, print }: OpenDatabasesOptions,
  { own }: OpenDatabases,
  work: () => Promise<void>,
): Promise<void> {
  if (!own) return await work();
  if (!environment["WAL_ARCHIVE_TO"]) {
    await forgetArchive(own.adminUrl);
    return await work();
  }
  const { keepSafe } = await import("./keep-safe.ts");
  const keeping = await keepSafe(environment, own, { info: print, error: print });
  try {
    await work();
  } finally {
    await keeping.end();
  }
}

/** Takes PORT and GRPC_PORT. Throws a StartError when another program has one. */
async function holdPorts(config: ConfigOf<typeof PlatformConfig>, stop: AbortSignal): Promise<HeldPorts> {
  const shared = { host: config.HOST ?? "127.0.0.1", clock: systemClock, stop };
  const answersHttp = !isHttpEncrypted(config);
  const http = await holdPort({ ...shared, port: config.PORT, setting: "PORT", answersHttp });
  try {
    const grpc = await holdPort({
      ...shared,
      port: config.GRPC_PORT,
      setting: "GRPC_PORT",
      answersHttp: false,
    });
    return { http, grpc };
  } catch (error) {
    http.release();
    throw error;
  }
}
