/** Who calls whom, on which ports, with which settings: read off the shop file and the doors, for everything that is derived from it. */
import { eventKind } from "#platform/database/events.ts";
import type { Settings } from "#platform/kit/config.ts";
import { portEntriesOf, settingsOfPorts } from "#platform/kit/extension-kit.ts";
import { needsOf } from "#platform/kit/needs.ts";
import type { AnyService, Needs } from "#platform/kit/service.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { patienceDefault } from "#platform/rpc/patience.ts";
import { shopSettings, type ShopFile } from "#platform/kit/shop-file.ts";
import { AuditConfig, auditedServices } from "../audit/config.ts";

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

export interface ServiceFacts {
  readonly name: string;
  /** It takes requests from outside. */
  readonly isEdge: boolean;
  readonly database: string | null;
  /** Defaults of a service alone. */
  readonly ports: { readonly grpc?: number; readonly http?: number; readonly operations: number };
  readonly connections: readonly Connection[];
  /** Topics it tells of. */
  readonly emits: readonly string[];
  /** Topics it is told of. */
  readonly hears: readonly string[];
  /** Its ports: what the setting chooses may be a program outside of the shop, which the service then has to reach. */
  readonly outside: readonly { readonly port: string; readonly setting: string }[];
  readonly settings: readonly SettingFact[];
  /** Names of the settings that are secrets. */
  readonly secrets: readonly string[];
}

/** A process of the shop that is no service. */
export interface RoleFacts extends Pick<ServiceFacts, "connections" | "ports" | "settings" | "secrets"> {
  readonly name: string;
  /** What it is started with, after `stoa`. */
  readonly command: readonly string[];
  /** Databases that it reads, under roles that can only read, and the setting that names each. */
  readonly reads: readonly {
    readonly service: string;
    readonly database: string | null;
    readonly setting: string;
  }[];
}

/** The audit in a process of its own: it reads the books of some services, and calls nobody. */
export function auditRole(services: readonly ServiceFacts[]): RoleFacts {
  const { AUDIT_SECONDS } = PlatformConfig;
  return {
    name: "audit",
    command: ["serve", "audit"],
    ports: { operations: 8080 },
    connections: [],
    reads: auditedServices.map((service) => ({
      service,
      database: services.find(({ name }) => name === service)?.database ?? null,
      setting: `AUDIT_${service.toUpperCase()}_DATABASE_URL`,
    })),
    ...settingFacts({ AUDIT_SECONDS, ...AuditConfig }),
  };
}

/** What every process of the shop reads. */
export function commonSettings(shop: ShopFile): Pick<ServiceFacts, "settings" | "secrets"> {
  return settingFacts({ ...PlatformConfig, ...shopSettings(shop), ...shop.flags });
}

function settingFacts(settings: Settings): Pick<ServiceFacts, "settings" | "secrets"> {
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
        database: definition.database ?? null,
        ports: portsOf(definition),
        connections: connectionsOf(shop, definition, needsOf(definition, extensions)),
        emits: topicsOf(definition),
        hears,
        outside: portEntriesOf(definition).map(({ port, setting }) => ({ port: port.name, setting })),
        ...settingFacts(settings),
      };
    }),
  );
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
