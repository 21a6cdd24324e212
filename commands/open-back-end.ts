// All services that have a database, open in this process without listeners or jobs: what commands work with.
import { systemClock } from "#platform/kit/clock.ts";
import { hearsOf } from "#platform/kit/hearing.ts";
import { readConfig } from "#platform/kit/config.ts";
import { randomSecret } from "#platform/kit/ids.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import { restAddress } from "#platform/kit/program.ts";
import { openServices, type RunningServices } from "#platform/kit/run.ts";
import type { Facts } from "#platform/kit/service.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { loadExtensions, loadServices, originOf, readFacts, withFacts } from "#platform/kit/shop-file.ts";
import { openGrpcTls } from "#platform/rpc/grpc-tls.ts";
import { isHttpEncrypted } from "#platform/tls/tls-settings.ts";
import type { CommandContext } from "./command.ts";
import { openDatabases } from "./open-databases.ts";
import { fixedFlags } from "#platform/kit/flags.ts";

/** Opens the named services (and nothing else), runs `work`, and closes them again whatever happens. */
export async function withServices(
  context: CommandContext,
  names: readonly string[],
  work: (running: RunningServices, facts: Facts) => Promise<void>,
  { mustExist = false }: { readonly mustExist?: boolean } = {},
): Promise<void> {
  const { shop: file, environment, note, stop } = context;
  const config = readConfig(PlatformConfig, { LOG_FORMAT: "pretty", LOG_LEVEL: "warn", ...environment });
  const log = createLogger({ level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const grpcTls = openGrpcTls({ settings: config, clock: systemClock, log });
  const databases = await openDatabases({
    config,
    environment,
    print: note,
    stop,
    mayJoin: true,
    mustExist,
    split: names,
  });
  try {
    const facts = readFacts(file, environment, () =>
      originOf(config.HOST, config.PORT, isHttpEncrypted(config)),
    );
    const running = await openServices({
      services: await loadServices(file, (name) => names.includes(name)),
      order: file.services.map(({ name }) => name),
      hears: hearsOf(file.services),
      issuer: file.issuer,
      addressAliases: file.addressAliases,
      extensions: await loadExtensions(file, names),
      environment,
      config,
      home: databases.home,
      shop: withFacts(facts, {
        isEmbedded: databases.isEmbedded,
        apiUrl: () => restAddress(file, environment) ?? "http://127.0.0.1:3000",
        serviceKey: config.SERVICE_KEY?.reveal() ?? randomSecret(),
        rateLimits: false,
        health: () => Promise.resolve([]),
      }),
      flags: fixedFlags((name) => name !== "MAINTENANCE_MODE"),
      grpcTls,
      clock: systemClock,
      log,
    });
    try {
      await work(running, facts);
    } finally {
      await running.close();
    }
  } finally {
    grpcTls?.close();
    await databases.stop();
  }
}
