import {
  ConfigError,
  printableSetting,
  readConfig,
  type Environment,
  type Settings,
} from "#platform/kit/config.ts";
import { settingsInUse } from "#platform/kit/extension-kit.ts";
import { AuditConfig } from "../audit/config.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { shopSettings, type ShopFile } from "#platform/kit/shop-file.ts";
import { StartError } from "#platform/kit/start-error.ts";
import type { CommandContext } from "./command.ts";

/** `config --check` names every fault of every service at once; `config --print` shows the values, secrets as ***. */
export async function config({ args, shop, environment, print }: CommandContext): Promise<void> {
  const [mode] = args;
  if (mode !== "--check" && mode !== "--print") throw new StartError("Say config --check or config --print.");
  const faults: string[] = [];
  for (const { name, settings } of await allSettings(shop, environment)) {
    try {
      const values = readConfig(settings, environment);
      if (mode === "--print") printValues(name, values, print);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      faults.push(...error.faults);
    }
  }
  if (faults.length > 0) throw new ConfigError([...new Set(faults)]);
  print("The settings are usable.");
}

async function allSettings(
  shop: ShopFile,
  environment: Environment,
): Promise<{ name: string; settings: Settings }[]> {
  const extensions = await Promise.all(shop.extensions.map(async ({ load }) => await load()));
  const own = await Promise.all(
    shop.services.map(async ({ name, load }) => {
      const definition = await load();
      const settings = definition.config as Settings;
      return {
        name,
        settings: { ...settings, ...(await settingsInUse(definition, extensions, environment)) },
      };
    }),
  );
  return [
    { name: "platform", settings: PlatformConfig },
    { name: "shop", settings: shopSettings(shop) },
    { name: "flags", settings: shop.flags },
    { name: "audit", settings: AuditConfig },
    ...own,
  ];
}

function printValues(name: string, values: object, print: (line: string) => void): void {
  const entries = Object.entries(values);
  if (entries.length > 0) print(`# ${name}`);
  for (const [key, value] of entries) print(`${key}=${printableSetting(value)}`);
}
