import { systemClock } from "#platform/kit/clock.ts";
import { ConfigError, readConfig, type ConfigOf } from "#platform/kit/config.ts";
import { singleHome } from "#platform/database/database-home.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import { collectProcessMetrics } from "#platform/telemetry/metrics.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { openShop } from "#platform/kit/program.ts";
import { originOf, type ShopFile } from "#platform/kit/shop-file.ts";
import { isHttpEncrypted } from "#platform/tls/tls-settings.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { programRoles, type CommandContext } from "./command.ts";
import { secretFaults } from "./guarded-secrets.ts";
import { keptServiceKey } from "./kept-service-key.ts";
import { unknownWord } from "./usage-error.ts";
import { requireUsableSettings } from "./check-settings.ts";
import { closingBox } from "./closing-box.ts";
import { withPortsAndDatabases, type HeldPorts } from "./hold-ports.ts";
import { logDefaults } from "./log-defaults.ts";
import type { OpenDatabases } from "./open-databases.ts";
import { missingForService, portsOf } from "./service-alone.ts";

/** `serve all`, `serve split`, `serve backend`, `serve audit`, `serve <service>`. Returns when everything has ended after a signal. */
export async function serve(context: CommandContext): Promise<void> {
  const [role = "all"] = context.args;
  collectProcessMetrics();
  if (role === "all") return await serveAll(context);
  if (role === "split") return await (await import("./serve-split.ts")).serveSplit(context);
  if (role === "backend") return await (await import("./serve-backend.ts")).serveBackend(context);
  if (role === "audit") return await (await import("./serve-audit.ts")).serveAudit(context);
  if (context.shop.services.some(({ name }) => name === role)) return await serveOne(role, context);
  const names = context.shop.services.map(({ name }) => name);
  throw unknownWord(`There is no service "${role}".`, role, [...programRoles, ...names]);
}

async function serveAll(context: CommandContext): Promise<void> {
  const { shop: file, environment, print, stop } = context;
  const config = readConfig(PlatformConfig, { ...logDefaults(), ...environment });
  await requireUsableSettings(file, environment);
  await withPortsAndDatabases({ config, environment, print, stop }, async (held, databases) => {
    await serveOn(context, config, held, databases);
  });
  print("Everything has ended.");
}

async function serveOn(
  { shop: file, environment, print, paint, stop }: CommandContext,
  config: ConfigOf<typeof PlatformConfig>,
  held: HeldPorts,
  databases: OpenDatabases,
): Promise<void> {
  const host = config.HOST ?? "127.0.0.1";
  const log = createLogger({ level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  const shop = await openShop({
    file,
    environment,
    config,
    home: databases.home,
    isEmbedded: true,
    serviceKey: config.SERVICE_KEY?.reveal() ?? keptServiceKey(config.STOA_DATA),
    host,
    httpPort: config.PORT,
    operationsPort: undefined,
    grpcPort: config.GRPC_PORT,
    clock: systemClock,
    log,
    held,
    stop,
    onStep: print,
  });
  try {
    const origin = originOf(host, shop.httpPort ?? config.PORT, isHttpEncrypted(config));
    const { grpcPort, told } = shop;
    const box = closingBox({ origin, grpc: `${host}:${grpcPort}`, told, paint, hasMetrics: true });
    for (const line of box) print(line);
    if (config.AUDIT_SECONDS === 0) await untilStopped(stop);
    else
      await (
        await import("./serve-audit.ts")
      ).auditBeside(file, databases.readers, { everySeconds: config.AUDIT_SECONDS, log, stop });
    print("Ending: no new requests; those under way finish first.");
  } finally {
    await shop.close();
  }
}

async function serveOne(
  role: string,
  { shop: file, options, environment, print, stop }: CommandContext,
): Promise<void> {
  const definition = await loadService(file, role);
  const config = readConfig({ ...PlatformConfig, ...portsOf(definition) }, environment);
  const missing = [
    ...(await missingForService(file, definition, environment, config)),
    ...(await secretFaults(file, environment, { service: definition })),
  ];
  if (missing.length > 0) throw new ConfigError(missing);
  const shop = await openShop({
    file,
    only: [role],
    environment,
    config,
    home: singleHome(environment),
    isEmbedded: false,
    serviceKey: config.SERVICE_KEY?.reveal() ?? "",
    host: config.HOST ?? "0.0.0.0",
    httpPort: config.PORT,
    operationsPort: config.HTTP_PORT,
    grpcPort: config.GRPC_PORT,
    clock: systemClock,
    log: createLogger({ level: config.LOG_LEVEL, format: config.LOG_FORMAT }),
    stop,
  });
  try {
    if (!options["quiet"])
      print(`The ${role} service is ready: gRPC on ${shop.grpcPort}, operations on ${shop.operationsPort}.`);
    await untilStopped(stop);
  } finally {
    await shop.close();
  }
}

async function loadService(file: ShopFile, role: string): Promise<AnyService> {
  const entry = file.services.find(({ name }) => name === role);
  if (!entry) throw new StartError(`There is no service "${role}".`);
  return await entry.load();
}

function untilStopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener("abort", () => resolve(), { once: true });
  });
}
