// Every connection of the shop, as deploy/services.json says it: who speaks to whom, and who has a database.
import { readFileSync } from "node:fs";

export interface Edge {
  readonly from: string;
  /** A service, or `database`. */
  readonly to: string;
  readonly protocol: "grpc" | "http" | "postgres";
  /** What it is used for: calls, keys, events, pages, data. */
  readonly uses: readonly string[];
}

interface Constellation {
  readonly services: readonly {
    readonly name: string;
    readonly database: string | null;
    readonly connections: readonly {
      readonly to: string;
      readonly protocol: "grpc" | "http";
      readonly for: readonly string[];
    }[];
  }[];
}

/** How the database of a service is called as the end of an edge. */
export const databaseEnd = "database";

/** All edges, in the order of the file. */
export function readEdges(): Edge[] {
  const file = new URL("../../deploy/services.json", import.meta.url);
  const { services } = JSON.parse(readFileSync(file, "utf8")) as Constellation;
  return services.flatMap(({ name, database, connections }) => [
    ...connections.map(({ to, protocol, for: uses }) => ({ from: name, to, protocol, uses })),
    ...(database === null
      ? []
      : [{ from: name, to: databaseEnd, protocol: "postgres" as const, uses: ["data"] }]),
  ]);
}
