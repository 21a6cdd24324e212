// NAME_FILE in place of NAME: a secret that a file holds never stands in an environment, where `docker inspect` and crash reports show it.
import { readFileSync } from "node:fs";
import { ConfigError, type Environment } from "#platform/kit/config.ts";
import type { ShopFile } from "#platform/kit/shop-file.ts";
import { placeNames, prefixOf } from "./known-settings.ts";
import { settingNames } from "#gen/settings.ts";
import { allSettingGroups } from "./setting-groups.ts";

/** Files of secrets are small: what is larger is none. */
const bytesMax = 64 * 1024;

/**
 * The environment with each NAME_FILE replaced by the NAME that the file holds, its last line break left out. NAME is any setting;
 * settings whose own name ends in _FILE stay what they are. Throws a ConfigError that names every file that cannot be used.
 */
export async function withSettingsFromFiles(shop: ShopFile, environment: Environment): Promise<Environment> {
  const told = Object.entries(environment).filter(([name, path]) => name.endsWith("_FILE") && path);
  if (told.length === 0) return environment;
  const known = await knownNames(
    shop,
    told.map(([name]) => name),
  );
  const result: Record<string, string | undefined> = { ...environment };
  const faults: string[] = [];
  for (const [fileName, path = ""] of told) {
    const name = fileName.slice(0, -"_FILE".length);
    if (known.has(fileName) || !known.has(name)) continue;
    delete result[fileName];
    if (environment[name]) {
      faults.push(`${name} and ${fileName} are both set. Set one of them.`);
      continue;
    }
    const read = readSetting(path);
    if (typeof read === "string") result[name] = read;
    else faults.push(`${fileName} names ${path}, ${read.fault}.`);
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return result;
}

function readSetting(path: string): string | { readonly fault: string } {
  try {
    const bytes = readFileSync(path);
    if (bytes.length > bytesMax) return { fault: "which is too large to hold a setting" };
    const text = bytes.toString("utf8").replace(/\r?\n$/, "");
    if (text === "") return { fault: "which is empty" };
    if (/[\0\r\n]/.test(text)) return { fault: "which holds more than one line" };
    return text;
  } catch (error) {
    return { fault: `which cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})` };
  }
}

/** Of extensions of its own the shop is asked only where a name may be one of theirs. */
async function knownNames(shop: ShopFile, told: readonly string[]): Promise<Set<string>> {
  const names = new Set([...settingNames, ...placeNames(shop)]);
  const prefixes = shop.extensions.map(({ name }) => `${prefixOf(name)}_`);
  const isTheirs = (name: string) =>
    !names.has(name) &&
    !names.has(name.slice(0, -"_FILE".length)) &&
    prefixes.some((one) => name.startsWith(one));
  if (!told.some(isTheirs)) return names;
  for (const { settings } of await allSettingGroups(shop))
    for (const [name, { aliases }] of Object.entries(settings))
      for (const one of [name, ...aliases]) names.add(one);
  return names;
}
