/** Who calls whom, on which ports, with which settings: read off the shop file and the doors, for everything that is derived from it. */
import { eventKind } from "#platform/database/events.ts";
import type { Settings } from "#platform/kit/config.ts";
import { implementationsOf, portEntriesOf, settingsOfPorts } from "#platform/kit/extension-kit.ts";
import type { ExtensionDefinition, PortEntry } from "#platform/kit/extension.ts";
import { needsOf } from "#platform/kit/needs.ts";
import type { AnyService, Needs } from "#platform/kit/service.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { patienceDefault } from "#platform/rpc/patience.ts";
import { shopSettings, type ShopFile } from "#platform/kit/shop-file.ts";

/** calls: contracts of its needs. keys: what the kit asks the issuer of tokens. events: deliveries to who hears them. pages: HTTP. */
export type Purpose = "calls" | "keys" | "events" | "pages";

/** What a service opens to another one. */
export interface Connection {
  readonly to: string;
  readonly protocol: "grpc" | "http";
  readonly for: readonly Purpose[];
  /** The longest that one call may take: of those that only ask, and of those that change something. Absent where it is never called. */
  readonly patienceMs?: { readonly asking: number; readonly changing: number };
}

export interface SettingFact {
  readonly name: string;
  readonly type: string;
  /** Null when it must be set; empty when it may be absent. */
  readonly default: string | null;
  readonly aliases: readonly string[];
}

/** Somebody outside of the shop who may have to be reached. */
export interface OutsideFact {
  /** The port of the service; "traces" for what every process sends. */
  readonly port: string;
  /** What chooses: the name of an implementation, or an address whose scheme does. */
  readonly setting: string;
  /** What a process alone has chosen when the setting is absent; null when it must say something. */
  readonly default: string | null;
  /** The choices that have somebody outside; all others have nobody. */
  readonly reaches: readonly {
    readonly choice: string;
    /** The setting with the address, and what it says when it is absent: null for nobody. */
    readonly setting: string;
    readonly default: string | null;
    /** Ports where the address names none, by its scheme. */
    readonly ports: { readonly [scheme: string]: number };
  }[];
}

export interface ServiceFacts {
  readonly name: string;
  /** It takes requests from outside. */
  readonly isEdge: boolean;
  readonly database: string | null;
  /** It asks every process of the shop how it does, on its operations port. */
  readonly watchesShop: boolean;
  /** Defaults of a service alone. */
  readonly ports: { readonly grpc?: number; readonly http?: number; readonly operations: number };
  readonly connections: readonly Connection[];
  /** Topics it tells of. */
  readonly emits: readonly string[];
  /** Topics it is told of. */
  readonly hears: readonly string[];
  /** Its ports: what the setting chooses may be a program outside of the shop, which the service then has to reach. */
  readonly outside: readonly OutsideFact[];
  /** The settings that name a Redis which it asks. */
  readonly redis: readonly string[];
  readonly settings: readonly SettingFact[];
  /** Names of the settings that are secrets. */
  readonly secrets: readonly string[];
}

/** What every process of the shop reads, and may have to reach because of it. */
export function commonFacts(
  shop: ShopFile,
): Pick<ServiceFacts, "settings" | "secrets" | "outside" | "redis"> {
  const endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];
  return {
    ...settingFacts({ ...PlatformConfig, ...shopSettings(shop), ...shop.flags }),
    outside: endpoints.map((setting) => {
      const web = { http: 80, https: 443 };
      const reaches = Object.entries(web).map(([choice, port]) => {
        return { choice, setting, default: null, ports: { [choice]: port } };
      });
      return { port: "traces", setting, default: "none", reaches };
    }),
    redis: redisOf(PlatformConfig),
  };
}

/** Settings as facts, without what they say. */
export function settingFacts(settings: Settings): Pick<ServiceFacts, "settings" | "secrets"> {
  const facts = Object.entries(settings).map(([name, { type, defaultText, aliases }]) => {
    return { name, type, default: defaultText ?? null, aliases };
  });
  return {
    settings: facts.filter(({ type }) => type !== "secret"),
    secrets: facts.filter(({ type }) => type === "secret").map(({ name }) => name),
  };
}

/** The facts of every service, in the order of the list. */
export async function constellationOf(shop: ShopFile): Promise<ServiceFacts[]> {
  const extensions = await Promise.all(shop.extensions.map(async ({ load }) => await load()));
  return await Promise.all(
    shop.services.map(async ({ name, isEdge = false, hears = [], load }) => {
      const definition = await load();
      const own = definition.config as Settings;
      const settings = { ...own, ...(await settingsOfPorts(portEntriesOf(definition), extensions)) };
      return {
        name,
        isEdge,
        watchesShop: definition.watchesShop ?? false,
        database: definition.database ?? null,
        ports: portsOf(definition),
        connections: connectionsOf(shop, definition, needsOf(definition, extensions)),
        emits: topicsOf(definition),
        hears,
        outside: await Promise.all(
          portEntriesOf(definition).map((entry) => outsideOf(entry, extensions, settings)),
        ),
        redis: redisOf(settings),
        ...settingFacts(settings),
      };
    }),
  );
}

async function outsideOf(
  entry: PortEntry,
  extensions: readonly ExtensionDefinition[],
  settings: Settings,
): Promise<OutsideFact> {
  const { port, setting, default: usual, defaultOutsideEmbedded, isNamedOutsideEmbedded } = entry;
  const implementations = await implementationsOf(entry, extensions);
  const reaches = [...implementations].flatMap(([choice, { reaches: addresses = [] }]) =>
    addresses.map((address) => ({
      choice,
      setting: address.setting,
      default: settings[address.setting]?.defaultText || null,
      ports: portsOfChoice(choice, address.ports, entry),
    })),
  );
  const chosen = isNamedOutsideEmbedded ? null : (defaultOutsideEmbedded ?? usual);
  return { port: port.name, setting, default: chosen, reaches };
}

/** Where the scheme of an address chooses, each choice has the port of its own scheme. */
function portsOfChoice(choice: string, ports: { readonly [scheme: string]: number }, { nameIn }: PortEntry) {
  const own = ports[choice];
  return nameIn && own !== undefined ? { [choice]: own } : ports;
}

function redisOf(settings: Settings): string[] {
  return Object.entries(settings).flatMap(([name, { type }]) => (type === "redis url" ? [name] : []));
}

function portsOf({ grpcPort, http }: AnyService): ServiceFacts["ports"] {
  return {
    ...(grpcPort === undefined ? {} : { grpc: grpcPort }),
    ...(http === undefined ? {} : { http: http.port }),
    operations: http?.operationsPort ?? 8080,
  };
}

function topicsOf({ emits = [] }: AnyService): string[] {
  return emits.map((schema) => eventKind(schema).topic);
}

function connectionsOf(shop: ShopFile, definition: AnyService, needs: Needs): Connection[] {
  const purposes = new Map<string, Set<Purpose>>();
  const note = (to: string, purpose: Purpose) =>
    purposes.set(to, (purposes.get(to) ?? new Set()).add(purpose));
  for (const to of Object.keys(needs)) note(to, "calls");
  if (definition.verifiesTokens !== false && definition.name !== shop.issuer) note(shop.issuer, "keys");
  const topics = topicsOf(definition);
  for (const { name, hears = [] } of shop.services) {
    if (hears.some((topic) => topics.includes(topic))) note(name, "events");
  }
  for (const to of definition.reaches ?? []) note(to, "pages");
  const order = shop.services.map(({ name }) => name);
  return [...purposes]
    .sort(([a], [b]) => order.indexOf(a) - order.indexOf(b))
    .map(([to, why]) => ({
      to,
      protocol: why.has("pages") ? "http" : "grpc",
      for: [...why],
      ...(why.has("calls") || why.has("keys") ? { patienceMs: patienceOf(definition, to) } : {}),
    }));
}

function patienceOf({ patience = {} }: AnyService, neighbour: string) {
  const said = patience[neighbour];
  return { asking: said ?? patienceDefault.askingMs, changing: said ?? patienceDefault.changingMs };
}
