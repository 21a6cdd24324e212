// Every service but the storefront in one process: the middle of three tiers, of which several run on one database.
import { backendHome } from "#platform/database/database-home.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import { openShop } from "#platform/kit/program.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import { backendEnvironment, backendNames, BackendPorts } from "./backend-program.ts";
import { requireUsableSettings } from "./check-settings.ts";
import type { CommandContext } from "./command.ts";

/** `serve backend`. Returns when everything has ended after a signal. */
export async function serveBackend({ shop: file, ...context }: CommandContext): Promise<void> {
  const { options, print, stop } = context;
  const environment = backendEnvironment(context.environment);
  await requireUsableSettings(file, environment, { isBackend: true });
  const config = readConfig({ ...PlatformConfig, ...BackendPorts }, environment);
  const shop = await openShop({
    file,
    only: backendNames(file),
    environment,
    config,
    home: backendHome(environment),
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
      print(
        `The back end is ready: REST API and admin pages on ${shop.httpPort}, gRPC on ${shop.grpcPort}, operations on ${shop.operationsPort}.`,
      );
    await new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      else stop.addEventListener("abort", () => resolve(), { once: true });
    });
  } finally {
    await shop.close();
  }
}
