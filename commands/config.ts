import { backendEnvironment } from "./backend-program.ts";
import { checkSettings } from "./check-settings.ts";
import type { CommandContext } from "./command.ts";
import { ConfigError, printableSetting } from "#platform/kit/config.ts";
import type { AnyService } from "#platform/kit/service.ts";
import { loadServices } from "#platform/kit/shop-file.ts";
import { UsageError, unknownWord } from "./usage-error.ts";

/**
 * `config --check [role]` names every fault at once, of the whole shop in one program, of one service alone, or of the back end in one process;
 * `config --print [role]` shows the values, secrets as ***.
 */
export async function config(context: CommandContext): Promise<void> {
  const { args, options, shop, print } = context;
  const [role] = args;
  const isBackend = role === "backend";
  const environment = isBackend ? backendEnvironment(context.environment) : context.environment;
  if (!options["check"] && !options["print"])
    throw new UsageError("config wants to know what to do: config --check or config --print.");
  const service = role === undefined || isBackend ? undefined : await serviceOf(context, role);
  const { faults: said, values } = await checkSettings(shop, environment, { service, isBackend });
  if (options["json"]) print(asJson(said, options["print"] ? values : undefined));
  else if (options["print"])
    for (const [name, group] of Object.entries(values)) printValues(name, group, print);
  if (said.length > 0) throw new ConfigError(said);
  const whose = service ? ` of the ${service.name} service` : isBackend ? " of the back end" : "";
  context.note(`The settings${whose} are usable.`);
}

async function serviceOf({ shop }: CommandContext, role: string): Promise<AnyService> {
  const [service] = await loadServices(shop, (name) => name === role);
  if (service) return service;
  const names = shop.services.map(({ name }) => name);
  throw unknownWord(`There is no service "${role}".`, role, ["backend", ...names]);
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
