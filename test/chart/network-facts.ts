/** What the shop's own list says of connections, for tests that hold policies against it: read from deploy/services.json, not from the chart. */
import { readFileSync } from "node:fs";

export interface Reached {
  readonly choice: string;
  readonly setting: string;
  readonly default: string | null;
  readonly ports: { readonly [scheme: string]: number };
}

interface Process {
  readonly name: string;
  readonly ports: { readonly grpc?: number; readonly http?: number; readonly operations?: number };
  readonly connections: readonly { readonly to: string; readonly protocol: "grpc" | "http" }[];
}

export interface ServiceFact extends Process {
  readonly isEdge: boolean;
  readonly watchesShop: boolean;
  readonly database: string | null;
  readonly outside: readonly {
    readonly port: string;
    readonly setting: string;
    readonly reaches: readonly Reached[];
  }[];
}

export interface RoleFact extends Process {
  readonly databases: string | null;
  readonly asksKubernetes: boolean;
  readonly runs?: readonly string[];
}

export interface ShopFacts {
  readonly services: readonly ServiceFact[];
  readonly roles: readonly RoleFact[];
}

export const facts = JSON.parse(
  readFileSync(new URL("../../deploy/services.json", import.meta.url), "utf8"),
) as ShopFacts;

/** `cart → catalog:3550`, sorted: all that services and roles open of each other. */
export function edgesOf({ services, roles }: ShopFacts): string[] {
  return [...services, ...roles]
    .flatMap(({ name, connections }) =>
      connections.map(({ to, protocol }) => {
        const ports = services.find((service) => service.name === to)?.ports;
        return edge(name, to, protocol === "http" ? ports?.http : ports?.grpc);
      }),
    )
    .sort();
}

/** Whoever has data in PostgreSQL, services and roles. */
export function databaseOwners({ services, roles }: ShopFacts): string[] {
  const owners = services.filter(({ database }) => database !== null);
  return [...owners, ...roles.filter(({ databases }) => databases !== null)].map(({ name }) => name);
}

export function edge(from: string, to: string, port: number | undefined): string {
  return `${from} → ${to}:${port}`;
}
