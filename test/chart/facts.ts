/** What the program says of itself (deploy/services.json), and which of its services a container runs. */
import { readFileSync } from "node:fs";
import type { Container } from "./objects.ts";
import type { Pods } from "./render.ts";

interface Setting {
  readonly name: string;
  readonly aliases: readonly string[];
}

export interface ServiceFacts {
  readonly name: string;
  readonly isEdge: boolean;
  readonly database: string | null;
  readonly ports: Readonly<Record<string, number>>;
  readonly connections: readonly {
    readonly to: string;
    readonly protocol: string;
    readonly for: readonly string[];
  }[];
  readonly settings: readonly Setting[];
  readonly secrets: readonly string[];
}

export interface RoleFacts {
  readonly name: string;
  readonly command: readonly string[];
  readonly ports: Readonly<Record<string, number>>;
  readonly settings: readonly Setting[];
  readonly secrets: readonly string[];
}

export const facts = JSON.parse(
  readFileSync(new URL("../../deploy/services.json", import.meta.url), "utf8"),
) as {
  readonly common: { readonly settings: readonly Setting[]; readonly secrets: readonly string[] };
  readonly services: readonly ServiceFacts[];
  readonly roles: readonly RoleFacts[];
};

export type Program = ({ readonly kind: "service" } & ServiceFacts) | ({ readonly kind: "role" } & RoleFacts);

/** Which service or role a container serves; undefined for databases, jobs and everything else that is no server of the program. */
export function programOf(pods: Pods, container: Container): Program | undefined {
  if (!/^(Deployment|Rollout)\//.test(pods.owner)) return undefined;
  const [command, name] = container.args ?? [];
  if (command !== "serve" || name === undefined) return undefined;
  const service = facts.services.find((each) => each.name === name);
  if (service) return { kind: "service", ...service };
  const role = facts.roles.find((each) => each.name === name);
  if (role) return { kind: "role", ...role };
  throw new Error(`${pods.owner} serves ${name}, which is no service and no role of deploy/services.json.`);
}

/** Names that the program takes beside settings of services: addresses of neighbours and databases. */
const addresses = [
  ...facts.services.map(({ name }) => `${name.toUpperCase()}_URL`),
  ...facts.services.flatMap(({ name, database }) => (database ? [`${name.toUpperCase()}_DATABASE_URL`] : [])),
];

/** Whether a program reads a variable of this name. */
export function knownSettings(program: Program): (name: string) => boolean {
  const owners =
    program.kind === "service" || program.name !== "backend" ? [program] : [program, ...facts.services];
  const known = new Set([
    ...addresses,
    ...facts.common.secrets,
    ...facts.common.settings.flatMap(({ name, aliases }) => [name, ...aliases]),
    ...owners.flatMap(({ settings, secrets }) => [
      ...settings.flatMap(({ name, aliases }) => [name, ...aliases]),
      ...secrets,
    ]),
  ]);
  return (name) => known.has(name);
}
