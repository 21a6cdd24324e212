/** Writes deploy/services.json, its copy in the chart and the diagram of ARCHITECTURE.md below a folder, from the shop file and the doors. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { shop } from "../shop.ts";
import { commonFacts, constellationOf, type ServiceFacts } from "./constellation.ts";
import { openingsTable, outsideTable } from "./openings.ts";
import { rolesOf } from "./roles.ts";
import { format } from "prettier";

/** The part of a document between two marks, which a program writes. */
export function withGenerated(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- generated: ${name} -->`, "<!-- end of generated -->"];
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  if (from === -1 || to === -1)
    throw new Error(`The document has no place for ${name}: it needs "${begin}" and "${end}".`);
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
}

/** Calls, events and pages as arrows. What almost everyone does alike is one sentence below, not a dozen arrows. */
export function diagramOf(services: readonly ServiceFacts[]): string {
  const inner = services.filter(({ isEdge }) => !isEdge);
  const lines = [
    "```mermaid",
    "flowchart LR",
    '  people(["people"]) --> edges',
    '  programs(["programs"]) --> edges',
  ];
  lines.push("  subgraph edges [edges]");
  for (const { name } of services.filter(({ isEdge }) => isEdge)) lines.push(`    ${name}`);
  lines.push("  end", "  subgraph services");
  for (const { name, database } of inner)
    lines.push(database === null ? `    ${name}` : `    ${name}[("${name}")]`);
  lines.push("  end");
  for (const { name, connections } of services) {
    const called = connections.filter((one) => one.for.includes("calls")).map(({ to }) => to);
    if (inner.every((one) => called.includes(one.name))) lines.push(`  ${name} --> services`);
    else lines.push(...called.map((to) => `  ${name} --> ${to}`));
    for (const { to, for: purposes } of connections) {
      if (purposes.includes("pages")) lines.push(`  ${name} -->|HTTP| ${to}`);
      if (purposes.includes("events")) lines.push(`  ${name} -.->|events| ${to}`);
    }
  }
  return [...lines, "```"].join("\n");
}

/** One row for each service: everything it opens, keys included. */
export function matrixOf(services: readonly ServiceFacts[]): string {
  const rows = services.map(({ name, connections, ports, database }) => {
    const by = (purpose: string) =>
      connections.filter((one) => one.for.includes(purpose as never)).map(({ to }) => to);
    const port = [ports.grpc && `gRPC ${ports.grpc}`, ports.http && `HTTP ${ports.http}`]
      .filter(Boolean)
      .join(", ");
    const cells = [
      name,
      port,
      database === null ? "" : `\`${database}\``,
      by("calls").join(" "),
      by("events").join(" "),
    ];
    return `| ${[...cells, by("keys").join(" "), by("pages").join(" ")].join(" | ")} |`;
  });
  return [
    "| service | ports | database | calls | tells of events | asks for keys | speaks HTTP to |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

/** What the doors say of their patience; whoever says nothing has that of its kind of call. */
export function patienceTable(services: readonly ServiceFacts[]): string {
  const rows = services.flatMap(({ name, connections }) =>
    connections.flatMap(({ to, patienceMs }) => {
      const isUsual = !patienceMs || patienceMs.asking !== patienceMs.changing;
      return isUsual ? [] : [`| ${name} | ${to} | ${patienceMs.asking.toLocaleString("en")} |`];
    }),
  );
  return ["| caller | neighbour | ms |", "| --- | --- | --- |", ...rows].join("\n");
}

/** Writes a document below a folder, with what is generated in it made anew. */
async function writeTables(
  folder: string,
  path: string,
  tables: { readonly [name: string]: string },
): Promise<void> {
  let document = readFileSync(path, "utf8");
  for (const [name, text] of Object.entries(tables)) document = withGenerated(document, name, text);
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), await format(document, { parser: "markdown", printWidth: 110 }));
}

/** Who opens what of whom, and nothing else. */
export function planOf(services: readonly ServiceFacts[]) {
  return {
    services: services.map(({ name, isEdge, database, connections }) => ({
      name,
      isEdge,
      hasDatabase: database !== null,
      connections: connections.map(({ to, for: purposes }) => ({ to, for: purposes })),
    })),
  };
}

if (import.meta.main) {
  const folder = process.argv[2] ?? ".";
  const services = await constellationOf(shop);
  mkdirSync(join(folder, "deploy"), { recursive: true });
  const facts = { issuer: shop.issuer, common: commonFacts(shop), services, roles: rolesOf(shop, services) };
  const written = await format(JSON.stringify(facts), { parser: "json", printWidth: 110 });
  writeFileSync(join(folder, "deploy/services.json"), written);
  // A chart reads files of its own folder only.
  mkdirSync(join(folder, "deploy/helm/stoa/files"), { recursive: true });
  writeFileSync(join(folder, "deploy/helm/stoa/files/services.json"), written);
  // For the program itself, which is shipped without deploy/.
  mkdirSync(join(folder, "gen"), { recursive: true });
  writeFileSync(join(folder, "gen/shop-plan.json"), `${JSON.stringify(planOf(services))}\n`);
  await writeTables(folder, "ARCHITECTURE.md", {
    diagram: diagramOf(services),
    connections: matrixOf(services),
  });
  await writeTables(folder, "docs/operate/calls.md", { patience: patienceTable(services) });
  await writeTables(folder, "docs/operate/network.md", {
    openings: openingsTable(services, facts.roles),
    outside: outsideTable(services, facts.common),
  });
  // Services are loaded, not opened; some libraries keep timers all the same.
  process.exit();
}
