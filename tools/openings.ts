/** Tables of docs/operate/network.md: who opens which port of whom, inside the shop and outside of it. */
import type { OutsideFact, ServiceFacts } from "./constellation.ts";
import type { RoleFacts } from "./roles.ts";

/** One row for each port: of services, then of stores. */
export function openingsTable(services: readonly ServiceFacts[], roles: readonly RoleFacts[]): string {
  const all = [...services, ...roles];
  const rows = services.map(({ name, ports }) => {
    const callers = all.filter(({ connections }) => connections.some(({ to }) => to === name));
    return [name, ports.grpc ? `gRPC ${ports.grpc}` : `HTTP ${ports.http}`, namesOf(callers)];
  });
  const owners = services.filter(({ database }) => database !== null);
  const inDatabases = [...owners, ...roles.filter(({ databases, runs }) => databases && runs.length === 0)];
  const publishers = services.filter(({ emits }) => emits.length > 0);
  return table(
    ["whose", "port", "opened by"],
    [
      ...rows,
      ["postgres", "5432", namesOf(inDatabases)],
      ["redis", "6379", "who is told of one: `REDIS_URL`, and cart by `CART_REDIS_URL`"],
      ["rabbitmq", "5672", `${namesOf(publishers)}, when they are told of one: \`EVENTS_URL\``],
    ],
  );
}

/** One row for each somebody outside. */
export function outsideTable(
  services: readonly ServiceFacts[],
  common: { readonly outside: readonly OutsideFact[] },
): string {
  const grouped = new Map<string, { who: string[]; fact: OutsideFact }>();
  for (const { name, outside } of services)
    for (const fact of outside) {
      const known = grouped.get(fact.port) ?? { who: [], fact };
      grouped.set(fact.port, { fact, who: [...known.who, name] });
    }
  const everybody = common.outside.map((fact) => ({ who: ["everybody"], fact }));
  const rows = [...grouped.values(), ...everybody].flatMap(({ who, fact }) => {
    const { port, setting, reaches } = fact;
    const ports = new Map(reaches.flatMap((reach) => Object.entries(reach.ports)));
    if (reaches.length === 0) return [];
    const where = [...new Set([setting, ...reaches.map((reach) => reach.setting)])];
    return [
      [
        who.join(", "),
        `\`${port}\``,
        where.map((name) => `\`${name}\``).join(", "),
        [...ports].map(([scheme, number]) => `${scheme} ${number}`).join(", "),
      ],
    ];
  });
  return table(
    ["who", "name in `egress.to`", "by which settings", "ports, unless the address says one"],
    rows,
  );
}

function namesOf(those: readonly { readonly name: string }[]): string {
  return those.map(({ name }) => name).join(", ");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
