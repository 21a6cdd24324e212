import {
  ConfigError,
  printableSetting,
  readConfig,
  type Environment,
  type Settings,
} from "#platform/kit/config.ts";
import { speaksHttp, type AnyService } from "#platform/kit/service.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { loadServices, readFacts } from "#platform/kit/shop-file.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { TlsConfig } from "#platform/tls/tls-config.ts";
import { requireUsableGrpcTls, requireUsableHttpTls } from "#platform/tls/tls-settings.ts";
import type { CommandContext } from "./command.ts";
import { UsageError, unknownWord } from "./usage-error.ts";
import { requireKnownSettings } from "./known-settings.ts";
import { missingForService, portsOf } from "./service-alone.ts";
import { settingGroupsInUse, type SettingGroup } from "./setting-groups.ts";

/**
 * `config --check [service]` names every fault at once, of the whole shop in one program or of one service alone;
 * `config --print [service]` shows the values, secrets as ***.
 */
export async function config(context: CommandContext): Promise<void> {
  const { args, options, shop, environment, print } = context;
  const [role] = args;
  if (!options["check"] && !options["print"])
    throw new UsageError("config wants to know what to do: config --check or config --print.");
  const service = role === undefined ? undefined : await serviceOf(context, role);
  const faults = await faultsOf(() => requireKnownSettings(shop, environment));
  faults.push(...(await faultsOf(() => void readFacts(shop, environment, () => ""))));
  const values: Record<string, object> = {};
  const groups: SettingGroup[] = [];
  faults.push(
    ...(await faultsOf(
      async () => void groups.push(...(await settingGroupsInUse(shop, environment, service))),
    )),
  );
  for (const { name, settings } of groups) {
    const own = service && name === "platform" ? { ...settings, ...portsOf(service) } : settings;
    faults.push(
      ...(await faultsOf(() => {
        values[name] = readConfig(own as Settings, environment);
      })),
    );
  }
  faults.push(...(await faultsOfTls(environment, service === undefined || speaksHttp(service))));
  if (service) {
    const { SERVICE_KEY, GRPC_TLS } = PlatformConfig;
    const found = await faultsOf(async () => {
      const missing = await missingForService(
        shop,
        service,
        environment,
        readConfig({ SERVICE_KEY, GRPC_TLS }, environment),
      );
      if (missing.length > 0) throw new ConfigError(missing);
    });
    faults.push(...found);
  }
  const said = [...new Set(faults)];
  if (options["json"]) print(asJson(said, options["print"] ? values : undefined));
  else if (options["print"])
    for (const [name, group] of Object.entries(values)) printValues(name, group, print);
  if (said.length > 0) throw new ConfigError(said);
  context.note(
    service ? `The settings of the ${service.name} service are usable.` : "The settings are usable.",
  );
}

/** Files for TLS are looked into, as a start would; of what is no setting at all, more was said above. */
async function faultsOfTls(environment: Environment, withHttp: boolean): Promise<string[]> {
  const faults: string[] = [];
  for (const requireUsable of [requireUsableGrpcTls, ...(withHttp ? [requireUsableHttpTls] : [])])
    faults.push(...(await faultsOf(() => requireUsable(readConfig(TlsConfig, environment), systemClock))));
  return faults;
}

async function serviceOf({ shop }: CommandContext, role: string): Promise<AnyService> {
  const [service] = await loadServices(shop, (name) => name === role);
  if (service) return service;
  const names = shop.services.map(({ name }) => name);
  throw unknownWord(`There is no service "${role}".`, role, names);
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

function asJson(faults: readonly string[], values: { readonly [group: string]: object } | undefined): string {
  const settings = Object.entries(values ?? {}).map(([name, group]) => [name, printable(group)]);
  return JSON.stringify(
    { isUsable: faults.length === 0, faults, ...(values && { settings: Object.fromEntries(settings) }) },
    undefined,
    2,
  );
}

function printable(group: object): object {
  const entries = Object.entries(group).map(([key, value]: [string, unknown]) => [
    key,
    typeof value === "number" || typeof value === "boolean" || value === undefined
      ? (value ?? null)
      : printableSetting(value),
  ]);
  return Object.fromEntries(entries) as object;
}

function printValues(name: string, values: object, print: (line: string) => void): void {
  const entries = Object.entries(values);
  if (entries.length > 0) print(`# ${name}`);
  for (const [key, value] of entries) print(`${key}=${printableSetting(value)}`);
}
