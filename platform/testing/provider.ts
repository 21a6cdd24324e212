// What an extension answers to a port, opened as its service would open it: for the suite of the port.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig, type Environment } from "#platform/kit/config.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import type { ExtensionDefinition, Port } from "#platform/kit/extension.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testShop } from "./services.ts";

export interface TestProviderOptions<Given> {
  readonly given: Given;
  readonly environment?: Environment;
}

/** Opens it without a database. Throws when the extension does not answer the port. */
export async function openProvider<Provider, Given>(
  port: Port<Provider, Given>,
  extension: ExtensionDefinition,
  { given, environment = {} }: TestProviderOptions<Given>,
): Promise<Provider> {
  const provision = extension.provides?.find((one) => one.port === port.name);
  if (!provision) throw new Error(`The extension ${extension.name} does not answer the port ${port.name}.`);
  const { config, create } = provision.provider;
  const kit = {
    service: port.name,
    config: readConfig(config, environment),
    clock: systemClock,
    log: silentLog,
    shop: testShop(),
    dataFolder: join(tmpdir(), `stoa-${newRandomId()}`),
    get db(): never {
      throw new Error("A provider in a test of its suite has no database.");
    },
  };
  return (await create(kit as never, given as never)) as Provider;
}
