// The shop file: the one place that says what the shop is called, what it sells in, and which services and extensions it is made of.
import { brokerName } from "./broker.ts";
import {
  ConfigError,
  defineConfig,
  readConfig,
  setting,
  type Environment,
  type Setting,
  type Settings,
} from "./config.ts";
import type { ExtensionDefinition } from "./extension.ts";
import { isForeignNeighbour, type ForeignNeighbour } from "./foreign-neighbour.ts";
import type { AnyService, ExtensionEntry, Facts, ServiceEntry, ShopFacts } from "./service.ts";

/** What a merchant decides. Everything but the services has a default. */
export interface ShopChoices {
  readonly name?: string;
  /** ISO 4217. */
  readonly currency?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country?: string;
  /** BCP 47. */
  readonly locale?: string;
  readonly supportEmail?: string;
  /** Scheme, host and port that people reach the shop at; by default made from HOST and PORT. */
  readonly url?: string;
  /** In dependency order: a service may call only those before it. */
  readonly services: readonly ServiceEntry[];
  readonly extensions?: readonly ExtensionEntry[];
  /** Name of the service that issues tokens: everyone that verifies tokens asks it for keys and revocations. */
  readonly issuer?: string;
  /** Folder with tokens.css, static/, messages/ and views/. */
  readonly theme?: URL;
  /** What can be switched while the shop runs. */
  readonly flags?: Settings;
  /** Names of settings that other charts use for a service's address, by service. */
  readonly addressAliases?: { readonly [service: string]: readonly string[] };
  /** Further names of the settings below, by setting. Names of one setting may be set beside each other only if they agree. */
  readonly aliases?: { readonly [setting: string]: readonly string[] };
}

/** A shop file that was read: the list with the services of all extensions in their places. */
export interface ShopFile {
  readonly choices: ShopChoices;
  readonly services: readonly ServiceEntry[];
  readonly extensions: readonly ExtensionEntry[];
  readonly issuer: string;
  readonly flags: Settings;
  readonly addressAliases: { readonly [service: string]: readonly string[] };
}

/** Reads the choices. Throws a ConfigError when a name stands twice in the list. */
export function defineShop(choices: ShopChoices): ShopFile {
  const extensions = choices.extensions ?? [];
  const firstEdge = choices.services.findIndex(({ isEdge }) => isEdge === true);
  const end = firstEdge === -1 ? choices.services.length : firstEdge;
  const services = [
    ...choices.services.slice(0, end),
    ...extensions.flatMap((extension) => extension.services ?? []),
    ...choices.services.slice(end),
  ];
  requireUnique("service", services);
  if (services.some(({ name }) => name === brokerName))
    throw new ConfigError([`A service cannot be called ${brokerName}: so the event broker is called.`]);
  requireUnique("extension", extensions);
  const { issuer = "user", flags = {}, addressAliases = {} } = choices;
  return { choices, services, extensions, issuer, flags, addressAliases };
}

function requireUnique(kind: string, entries: readonly { readonly name: string }[]): void {
  const names = entries.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigError([`The shop file lists the ${kind} ${twice} twice.`]);
}

/** The neighbours that are somebody else's, as the environment says. Throws a ConfigError for a contract that cannot be. */
export async function loadForeign(
  { services }: Pick<ShopFile, "services">,
  environment: Environment,
): Promise<ReadonlyMap<string, ForeignNeighbour>> {
  const found = new Map<string, ForeignNeighbour>();
  for (const { name, foreign } of services)
    if (foreign && isForeignNeighbour(name, environment)) found.set(name, await foreign());
  return found;
}

/** The settings behind the facts of a shop, with the shop file's choices as defaults. */
export function shopSettings({ choices }: ShopFile) {
  const aliasesOf = (name: string) => choices.aliases?.[name] ?? [];
  return defineConfig({
    SHOP_NAME: setting.text({
      default: choices.name ?? "Stoa",
      pattern: /^[^<>"\p{C}]{1,60}$/u,
      shape: 'at most 60 characters without control characters, <, > and "',
      aliases: aliasesOf("SHOP_NAME"),
      doc: "What the shop is called, on its pages and in its mails.",
    }),
    SHOP_URL: originSetting({
      default: choices.url ?? "",
      aliases: aliasesOf("SHOP_URL"),
      doc: "Scheme, host and port that people reach the shop at: links in mails, canonical links, and cookies are Secure when it is https. Made from HOST, PORT and HTTP_TLS by default.",
    }),
    SHOP_CURRENCY: currencySetting({
      default: choices.currency ?? "USD",
      pattern: /^[A-Z]{3}$/,
      shape: "an ISO 4217 code of three capital letters",
      aliases: aliasesOf("SHOP_CURRENCY"),
      doc: "The base currency: prices are kept in it, and an order costs it when the buyer names no other. Data made in one base currency is refused in another.",
    }),
    SHOP_COUNTRY: setting.text({
      default: choices.country ?? "US",
      pattern: /^[A-Z]{2}$/,
      shape: "an ISO 3166-1 code of two capital letters",
      doc: "The country the shop sells from, and the one its address forms begin with.",
    }),
    SHOP_LOCALE: setting.text({
      default: choices.locale ?? "en-US",
      pattern: /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/,
      shape: "a BCP 47 language tag such as en-US",
      doc: "Language of pages and mails, and how they write numbers and dates.",
    }),
    SHOP_SUPPORT_EMAIL: setting.text({
      default: choices.supportEmail ?? "",
      pattern: /^([^\s@<>"]+@[^\s@<>"]+)?$/,
      shape: "an email address",
      doc: "Where people write for help; pages and mails name it when it is set.",
    }),
  });
}

/** Pages and mails put paths behind it, so it has none of its own. */
function originSetting(options: {
  default: string;
  aliases: readonly string[];
  doc: string;
}): Setting<string | undefined> {
  const declared = setting.optionalUrl({ ...options, schemes: ["http", "https"] });
  return {
    ...declared,
    defaultText: options.default,
    read: (text) => {
      const said = declared.read(text);
      if (said === undefined) return undefined;
      const { origin, href } = new URL(said);
      if (href !== `${origin}/`)
        throw new Error("must be scheme, host and port alone, such as https://shop.example");
      return said;
    },
  };
}

/** A code of ISO 4217 that is in use; a slip of the pen would be remembered by the data for ever. */
function currencySetting(options: {
  default: string;
  pattern: RegExp;
  shape: string;
  aliases: readonly string[];
  doc: string;
}): Setting<string> {
  const declared = setting.text(options);
  return {
    ...declared,
    read: (text) => {
      const code = declared.read(text);
      if (!currencyCodes.has(code))
        throw new Error(`must be ${options.shape}, and there is no currency ${code}`);
      return code;
    },
  };
}

const currencyCodes = new Set(Intl.supportedValuesOf("currency"));

/** The facts in force. `origin` is told late, because a port of 0 is known only when the listener is open. */
export function readFacts(file: ShopFile, environment: Environment, origin: () => string): Facts {
  const settings = shopSettings(file);
  requireAgreement(settings, environment);
  const config = readConfig(settings, environment);
  const url = config.SHOP_URL;
  return {
    name: config.SHOP_NAME,
    get url() {
      return (url ?? origin()).replace(/\/+$/, "");
    },
    currency: config.SHOP_CURRENCY,
    country: config.SHOP_COUNTRY,
    locale: config.SHOP_LOCALE,
    supportEmail: config.SHOP_SUPPORT_EMAIL,
    theme: file.choices.theme,
  };
}

/** One fact has one value, under whichever of its names it is said. */
function requireAgreement(settings: Settings, environment: Environment): void {
  const faults = Object.entries(settings).flatMap(([name, { aliases }]) => {
    const said = [name, ...aliases].filter((alias) => (environment[alias] ?? "") !== "");
    if (new Set(said.map((alias) => environment[alias])).size <= 1) return [];
    const list = said.map((alias) => `${alias}=${environment[alias]}`).join(", ");
    return [`The shop has one ${name}, but the settings say several: ${list}. Set ${name} alone.`];
  });
  if (faults.length > 0) throw new ConfigError(faults);
}

/** Where people reach a shop that listens here. */
export function originOf(host: string | undefined, port: number, isEncrypted = false): string {
  const isEverywhere = host === undefined || ["127.0.0.1", "0.0.0.0", "::", "::1"].includes(host);
  const name = isEverywhere ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `${isEncrypted ? "https" : "http"}://${name}:${port}`;
}

/** Facts of the shop and facts of the program as services see them: together. */
export function withFacts(facts: Facts, program: Omit<ShopFacts, keyof Facts>): ShopFacts {
  // Not spread: the address of a shop on a port of 0 is known later.
  return Object.create(facts, Object.getOwnPropertyDescriptors(program)) as ShopFacts;
}

/** Loads the services of these names, in the order of the list. */
export async function loadServices(
  file: ShopFile,
  isWanted = (_name: string) => true,
): Promise<AnyService[]> {
  const entries = file.services.filter(({ name }) => isWanted(name));
  return await Promise.all(entries.map(async ({ load }) => await load()));
}

/** Loads the extensions that concern any of these services. */
export async function loadExtensions(
  file: ShopFile,
  services: readonly string[],
): Promise<ExtensionDefinition[]> {
  const wanted = file.extensions.filter(
    (entry) => entry.for === undefined || entry.for.some((name) => services.includes(name)),
  );
  return await Promise.all(wanted.map(async ({ load }) => await load()));
}
