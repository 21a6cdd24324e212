// Everything that is wrong with the settings, before anything is opened.
import { ConfigError, readConfig, type Environment, type Settings } from "#platform/kit/config.ts";
import { speaksHttp, type AnyService } from "#platform/kit/service.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { loadServices, readFacts, type ShopFile } from "#platform/kit/shop-file.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { TlsConfig } from "#platform/tls/tls-config.ts";
import { requireUsableGrpcTls, requireUsableHttpTls } from "#platform/tls/tls-settings.ts";
import { backendNames, BackendPorts, missingForBackend } from "./backend-program.ts";
import { secretFaults, type GuardedProgram } from "./guarded-secrets.ts";
import { requireKnownSettings } from "./known-settings.ts";
import { missingForService, portsOf } from "./service-alone.ts";
import { settingGroupsInUse, type SettingGroup } from "./setting-groups.ts";

export interface CheckedProgram extends GuardedProgram {
  /** Whether the whole shop runs in one process; without a word of it, it does unless it is one service or the back end. */
  readonly isEmbedded?: boolean;
}

/** Every fault of the settings, and the values of those that can be read, by the part of the shop that reads them. */
export async function checkSettings(
  shop: ShopFile,
  environment: Environment,
  program: CheckedProgram = {},
): Promise<{ faults: string[]; values: Record<string, object> }> {
  const { service, isBackend = false, isEmbedded = service === undefined && !isBackend } = program;
  const faults = await faultsOf(async () => await requireKnownSettings(shop, environment));
  faults.push(...(await faultsOf(() => void readFacts(shop, environment, () => ""))));
  const values: Record<string, object> = {};
  const groups: SettingGroup[] = [];
  faults.push(
    ...(await faultsOf(
      async () => void groups.push(...(await settingGroupsInUse(shop, environment, service))),
    )),
  );
  for (const { name, settings } of groups) {
    const own = name === "platform" ? { ...settings, ...portsOfProgram(program) } : settings;
    faults.push(
      ...(await faultsOf(() => {
        values[name] = readConfig(own as Settings, environment);
      })),
    );
  }
  const definitions = service ? [service] : await definitionsOf(shop, isBackend);
  for (const definition of definitions)
    faults.push(...(await faultsOf(() => requireUsable(definition, environment, isEmbedded))));
  faults.push(...(await faultsOfTls(environment, service === undefined || speaksHttp(service))));
  faults.push(...(await faultsOf(async () => await requireGuarded(shop, environment, program))));
  if (isBackend) faults.push(...(await faultsOf(() => requireBackend(definitions, environment))));
  if (service) faults.push(...(await faultsOf(async () => await requireNeeded(shop, service, environment))));
  return { faults: [...new Set(faults)], values };
}

function portsOfProgram({ service, isBackend = false }: CheckedProgram): Settings {
  if (isBackend) return BackendPorts;
  return service ? portsOf(service) : {};
}

async function definitionsOf(shop: ShopFile, isBackend: boolean): Promise<AnyService[]> {
  if (!isBackend) return await loadServices(shop);
  const names = backendNames(shop);
  return await loadServices(shop, (name) => names.includes(name));
}

/** Throws a ConfigError that names all of them at once. */
export async function requireUsableSettings(
  shop: ShopFile,
  environment: Environment,
  program?: CheckedProgram,
): Promise<void> {
  const { faults } = await checkSettings(shop, environment, program);
  if (faults.length > 0) throw new ConfigError(faults);
}

/** What its settings say together; of what cannot be read, more was said above. */
function requireUsable(definition: AnyService, environment: Environment, isEmbedded: boolean): void {
  if (!definition.requireUsable) return;
  const config = readConfig(definition.config as Settings, environment);
  definition.requireUsable(config as never, { isEmbedded });
}

/** Where the shop can be reached from elsewhere, no secret may be one that anybody could find. */
export async function requireGuarded(
  shop: ShopFile,
  environment: Environment,
  program: GuardedProgram,
): Promise<void> {
  const weak = await secretFaults(shop, environment, program);
  if (weak.length > 0) throw new ConfigError(weak);
}

function requireBackend(definitions: readonly AnyService[], environment: Environment): void {
  const { SERVICE_KEY } = PlatformConfig;
  const missing = missingForBackend(definitions, environment, readConfig({ SERVICE_KEY }, environment));
  if (missing.length > 0) throw new ConfigError(missing);
}

async function requireNeeded(shop: ShopFile, service: AnyService, environment: Environment): Promise<void> {
  const { SERVICE_KEY, GRPC_TLS } = PlatformConfig;
  const config = readConfig({ SERVICE_KEY, GRPC_TLS }, environment);
  const missing = await missingForService(shop, service, environment, config);
  if (missing.length > 0) throw new ConfigError(missing);
}

/** Files for TLS are looked into, as a start would; of what is no setting at all, more was said above. */
async function faultsOfTls(environment: Environment, withHttp: boolean): Promise<string[]> {
  const faults: string[] = [];
  for (const requireUsable of [requireUsableGrpcTls, ...(withHttp ? [requireUsableHttpTls] : [])])
    faults.push(...(await faultsOf(() => requireUsable(readConfig(TlsConfig, environment), systemClock))));
  return faults;
}

async function faultsOf(work: () => Promise<void> | void): Promise<string[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return [...error.faults];
    if (error instanceof StartError) return [error.message];
    throw error;
  }
}
