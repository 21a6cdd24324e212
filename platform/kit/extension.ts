// How a shop grows without a fork: ports that one of several implementations answers, and points where anything may be added.
import type { DescService } from "@bufbuild/protobuf";
import type { Database } from "#platform/database/db.ts";
import type { Logger } from "#platform/telemetry/log.ts";
import type { Clock } from "./clock.ts";
import type { ConfigOf, Setting, Settings } from "./config.ts";
import type { ShopFacts } from "./service.ts";

/**
 * A need that is answered by a folder instead of a service. The service that has the need declares the port beside its types
 * (`services/<x>/provider.ts`) and lists it in its door; an extension answers it with `provide`. Exactly one answer is in use:
 * the one that the port's setting names. `Given` is what the service hands to whichever implementation is chosen.
 */
export interface Port<Provider, Given = undefined> {
  /** kebab-case, unique in the shop, such as "payment". */
  readonly name: string;
  /** Never set: it lets TypeScript tell ports apart. */
  readonly types?: (given: Given) => Provider;
}

/** Declares a port. */
export function definePort<Provider, Given = undefined>(name: string): Port<Provider, Given> {
  return { name };
}

/** What an implementation of a port may touch. */
export interface ProviderKit<S extends Settings> {
  /** The service that has the port. */
  readonly service: string;
  readonly config: ConfigOf<S>;
  /** The database of that service. Throws when it has none. */
  readonly db: Database;
  readonly clock: Clock;
  readonly log: Logger;
  readonly shop: ShopFacts;
  /** Folder for what this machine keeps beside databases (STOA_DATA). Nothing says that it is there, or that replicas share it. */
  readonly dataFolder: string;
}

/** Somebody outside of the shop whom an implementation asks: what firewalls and network policies have to let through. */
export interface OutsideAddress {
  /** The setting with the address, a URL. Where neither it nor a default of it names one, nobody is asked. */
  readonly setting: string;
  /** The schemes that it may have, each with the port that is meant where the address names none. */
  readonly ports: { readonly [scheme: string]: number };
}

/** One implementation of a port. */
export interface ProviderDefinition<Provider, Given, S extends Settings = Settings> {
  /** What the port's setting says to choose it; kebab-case. */
  readonly name: string;
  readonly config: S;
  /** Whom it asks outside of the shop; nobody, where it says nothing. */
  readonly reaches?: readonly OutsideAddress[];
  readonly create: (kit: ProviderKit<S>, given: Given) => Promise<Provider> | Provider;
}

/** An implementation with its types forgotten, for the runner. */
export interface AnyProvider {
  readonly name: string;
  readonly config: Settings;
  readonly reaches?: readonly OutsideAddress[];
  readonly create: (kit: never, given: never) => unknown;
}

/** Declares an implementation; it exists so that TypeScript can infer. */
export function defineProvider<Provider, Given, S extends Settings>(
  _port: Port<Provider, Given>,
  definition: ProviderDefinition<Provider, Given, S>,
): ProviderDefinition<Provider, Given, S> {
  return definition;
}

/** A port as the door of its service lists it: how one is chosen, and the implementations of the house. */
export interface PortEntry {
  readonly port: { readonly name: string };
  /** The environment variable that names the implementation in use. */
  readonly setting: string;
  /** For a setting that says more than a name: how it is declared, and the name in what it says. Throws a StartError when there is none. */
  readonly declared?: Setting<unknown>;
  readonly nameIn?: (said: string) => string;
  readonly doc: string;
  /** In use when the setting is absent. */
  readonly default: string;
  /** In use when the setting is absent outside the embedded mode, where it is not `default`. */
  readonly defaultOutsideEmbedded?: string;
  /** Outside the embedded mode nothing is taken for granted: the setting must be there. */
  readonly isNamedOutsideEmbedded?: boolean;
  /** Implementations inside the service's own folder, loaded when they are chosen. */
  readonly own: { readonly [name: string]: () => Promise<AnyProvider> };
}

/** A place in a service where extensions add things of one kind: rules, routes, fields, pages. All that is added counts. */
export interface Point<T> {
  /** `<service>.<things>`, such as "checkout.rules". */
  readonly name: string;
  /** Never set: it lets TypeScript tell points apart. */
  readonly types?: (value: T) => T;
}

/** Declares a point. */
export function definePoint<T>(name: string): Point<T> {
  return { name };
}

/** One thing that an extension adds somewhere, with its types forgotten. */
export interface Addition {
  readonly point: string;
  readonly value: unknown;
}

/** Adds a thing at a point. */
export function add<T>(point: Point<T>, value: T): Addition {
  return { point: point.name, value };
}

/** All that these extensions add at a point, in their order. */
export function additionsAt<T>(extensions: readonly ExtensionDefinition[], point: Point<T>): readonly T[] {
  return extensions.flatMap(({ adds = [] }) =>
    adds.flatMap((addition) => (addition.point === point.name ? [addition.value as T] : [])),
  );
}

/** One answer to a port that an extension brings. */
export interface Provision {
  readonly port: string;
  readonly provider: AnyProvider;
}

/** Answers a port. */
export function provide<Provider, Given, S extends Settings>(
  port: Port<Provider, Given>,
  definition: ProviderDefinition<Provider, Given, S>,
): Provision {
  return { port: port.name, provider: definition as AnyProvider };
}

/** What an extension is made of. All parts are optional. */
export interface ExtensionDefinition {
  /** kebab-case, unique in the shop. */
  readonly name: string;
  readonly provides?: readonly Provision[];
  readonly adds?: readonly Addition[];
  /** Further contracts that a service of the house calls on this extension's behalf: { gateway: { wishlist: WishlistService } }. */
  readonly needs?: { readonly [service: string]: { readonly [answering: string]: DescService } };
}

/** Declares an extension; it exists so that TypeScript can check the parts. */
export function defineExtension(definition: ExtensionDefinition): ExtensionDefinition {
  return definition;
}
