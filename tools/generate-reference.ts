/** Writes the pages of docs/reference/ and gen/settings.ts below a folder, from the tables in the code. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorKinds } from "#platform/kit/errors.ts";
import { platformReasons, type ErrorReason } from "#platform/kit/error-reasons.ts";
import { eventKind } from "#platform/database/events.ts";
import { checkTopics, hearsOf } from "#platform/kit/hearing.ts";
import { loadServices } from "#platform/kit/shop-file.ts";
import { allSettingGroups } from "../commands/setting-groups.ts";
import { acts, faultStates, matrix, type Act, type Outcome, type Row } from "../services/resilience.ts";
import { apiEndpoints } from "../services/gateway/api.ts";
import { precedenceOf } from "../services/gateway/endpoint.ts";
import { storefrontRoutes } from "../services/storefront/service.ts";
import { shop } from "../shop.ts";
import { metricsDocument } from "./metrics-reference.ts";

/** The error table of every part of the shop: the kit first, then the services in their order. */
export async function errorTables(): Promise<{ name: string; reasons: { [reason: string]: ErrorReason } }[]> {
  const tables = [{ name: "platform", reasons: { ...platformReasons } }];
  for (const { name } of shop.services) {
    const file = new URL(`../services/${name}/errors.ts`, import.meta.url);
    if (!existsSync(file)) continue;
    const { errors } = (await import(file.href)) as { errors?: { [reason: string]: ErrorReason } };
    if (errors) tables.push({ name, reasons: errors });
  }
  return tables;
}

async function errorsDocument(): Promise<string> {
  const lines = [
    "# Errors",
    "",
    "Generated from the tables in the code. `code` is what programs compare; the text beside it may change.",
    "",
  ];
  for (const { name, reasons } of await errorTables()) {
    lines.push(`## ${name}`, "", "| code | HTTP | gRPC | meaning |", "| --- | --- | --- | --- |");
    for (const [reason, { kind, meaning }] of Object.entries(reasons).sort(([a], [b]) => (a < b ? -1 : 1))) {
      lines.push(`| \`${reason}\` | ${errorKinds[kind].http} | ${errorKinds[kind].grpc} | ${meaning} |`);
    }
    lines.push("");
  }
  return lines.join("\n");
}

/** Every event of the shop: who tells it, in which message, and who hears it. Throws where the list and the doors do not agree. */
async function eventsDocument(): Promise<string> {
  const doors = await Promise.all(shop.services.map(async ({ load }) => await load()));
  const hears = hearsOf(shop.services);
  const order = shop.services.map(({ name }) => name);
  checkTopics(doors, order, hears);
  const lines = [
    "# Events",
    "",
    "Generated from the contracts, the doors of the services and the list in `shop.ts`. An event is told once its change is",
    "committed, delivered at least once and in order for each aggregate, and applied once. Its topic and version stand in the",
    "contract; its payload is the message as protobuf JSON. An emitter names nobody: who hears it is said in the list.",
    "",
    "| topic | version | emitter | payload | heard by |",
    "| --- | --- | --- | --- | --- |",
  ];
  for (const { name, emits = [] } of doors) {
    for (const schema of emits) {
      const { topic, version } = eventKind(schema);
      const heardBy = order.filter((listener) => hears[listener]?.includes(topic)).join(", ") || "nobody";
      lines.push(`| \`${topic}\` | ${version} | ${name} | \`${schema.typeName}\` | ${heardBy} |`);
    }
  }
  return [...lines, "", brokerText, ""].join("\n");
}

const brokerText = `## Beyond the shop

With \`EVENTS_URL\` every event also goes to a broker ([why and how](../decisions/0027-a-broker-hears-everything.md)): the scheme of the URL says which.
\`http://\` and \`https://\`, \`amqp://\` and \`amqps://\` are the house's own; others come with extensions. Each event is a document of [CloudEvents 1.0](https://github.com/cloudevents/spec):

| attribute | what it is |
| --- | --- |
| \`id\` | the same however often the event is sent: keep it, and skip what you have had |
| \`source\` | \`/stoa/\` and the emitter, such as \`/stoa/order\` |
| \`type\` | topic and version, such as \`order.placed.v1\` |
| \`subject\` | the aggregate, such as the id of the order: the events of one subject come in their order |
| \`time\` | when it happened |
| \`traceparent\` | the trace of the request that caused it |
| \`dataschema\` | \`proto:\` and the message of the table above |
| \`data\` | the message as protobuf JSON. It names people where its message does: an order has an address and a mail address |

Over HTTP each is one POST of \`application/cloudevents+json\` to that URL. Its header \`Stoa-Signature: t=<seconds>,v1=<hash>\` holds the HMAC-SHA256 under \`EVENTS_SECRET\` of
the seconds, a full stop and the body, in hexadecimal digits: compare it, and refuse what is older than five minutes. Answer with a 2xx once the event is
kept; within five seconds, or it is sent again. Whatever else is answered is tried again later, for ever, and until then no later event of its subject comes. A redirection is not
followed. User and password in the URL become basic authentication.

Over AMQP each is a persistent message to a topic exchange, with the type as routing key: [what is there, and a reader](../operate/events.md).

What waits is seen by \`stoa tasks list order deliver-to-broker\` and as \`stoa_tasks_oldest_seconds\`; \`stoa tasks retry\` with a key tries one at once.
When \`EVENTS_URL\` is taken away, what waited stays and goes out when it is set again.`;

const configIntroduction = `# Settings

Generated from the declarations in the code. Settings are environment variables, or lines of a file \`.env\` in the folder the program
runs in, which the environment beats. They are read once at the start. A setting with several names has the value of the first of them that is set,
the name in the first column before those under "Also", in their order. \`config --check\` names every fault of the whole shop at once,
\`config --check SERVICE\` those of one service alone, with what it needs and is not set; \`config --print [SERVICE]\` shows the values without secrets.

A name that looks like a setting and is none is refused at the start, with the one that was probably meant. Names that
Kubernetes puts beside every program (\`CART_PORT=tcp://…\`, \`CART_SERVICE_HOST\`, \`CART_PORT_7070_TCP_ADDR\`) and those of other programs are passed over.

## Which database

A service alone takes the first of \`<SERVICE>_DATABASE_URL\`, \`DATABASE_URL\` and \`DATABASE_HOST\` with \`DATABASE_PORT\` and \`POSTGRES_*\`; without
any it does not start. The whole shop in one program takes \`<SERVICE>_DATABASE_URL\` for that service, and for all others \`DATABASE_URL\` (a server on which
each gets a database of its own), else \`DATABASE_HOST\`, else the embedded server. With \`POSTGRES_DB\` all services that name it share that one
database, each in a schema of its own. Two services that would share tables do not start. TLS: the URL's \`sslmode\` (disable, require, verify-ca, verify-full), \`sslrootcert\`,
\`sslcert\` and \`sslkey\`; without it \`DATABASE_SSLMODE\` and \`DATABASE_CA_FILE\`; without these verify-full, and none on this machine.

## Where the others are

Each service has an address, under any of the names below. It is host:port of its gRPC port. Its operations port speaks gRPC too, so that
addresses of an HTTP side work as they are given: \`PRODUCT_SERVICE=http://product-service:8080\`.

## What is encrypted

gRPC is plaintext unless \`GRPC_TLS\` is on or mutual, for every service alike and on the gRPC side of the operations port too; then \`GRPC_TLS_CERT\`
and \`GRPC_TLS_KEY\` are needed, and for mutual \`GRPC_TLS_CA\`. HTTP on \`PORT\` is plaintext unless \`HTTP_TLS\` is on or self-made. Only TLS 1.3 is spoken.
Servers are verified for the host that was dialled; \`serve split\` dials 127.0.0.1. All these files are read again within ten seconds
of a change; a pair that does not fit, or has ended, is not taken. Why: [what is encrypted](../decisions/0016-what-is-encrypted.md).
`;

async function configDocument(): Promise<string> {
  const lines = [configIntroduction];
  for (const { name, settings } of await allSettingGroups(shop)) {
    const entries = Object.entries(settings);
    if (entries.length === 0) continue;
    lines.push(`## ${name}`, "", "| name | type | default | meaning |", "| --- | --- | --- | --- |");
    for (const [setting, { type, defaultText, doc, aliases }] of entries) {
      const also = aliases.length > 0 ? ` Also: ${aliases.map((alias) => `\`${alias}\``).join(", ")}.` : "";
      const shown = defaultText === undefined ? "required" : defaultText === "" ? "" : `\`${defaultText}\``;
      lines.push(`| \`${setting}\` | ${type.replaceAll("|", " or ")} | ${shown} | ${doc}${also} |`);
    }
    lines.push("");
  }
  return lines.join("\n");
}

/** Every name that is read, for the check at the start. */
async function settingNamesModule(): Promise<string> {
  const groups = await allSettingGroups(shop);
  const names = groups.flatMap(({ settings }) =>
    Object.entries(settings).flatMap(([name, { aliases }]) => [name, ...aliases]),
  );
  const list = [...new Set(names)].sort().map((name) => `  "${name}",`);
  return [
    "// Generated by npm run gen: every environment variable that the shop reads.",
    "export const settingNames: readonly string[] = [",
    ...list,
    "];",
    "",
  ].join("\n");
}

/** What a rule of fault injection may name: RPCs, routes, and refusals with what they are made of. */
async function faultPlacesModule(): Promise<string> {
  const reasons = new Map<string, ErrorReason>();
  for (const table of await errorTables())
    for (const [reason, entry] of Object.entries(table.reasons))
      if (!reasons.has(reason)) reasons.set(reason, entry);
  const doors = await loadServices(shop, () => true);
  const contracts = new Set(doors.flatMap(({ contracts: own = [] }) => own));
  const rpcs = [...contracts].flatMap(({ typeName, methods }) =>
    methods.map(({ name }) => `${typeName}/${name}`),
  );
  const own = apiEndpoints().filter((one) => precedenceOf(one) !== "always");
  const pages = storefrontRoutes.map(({ url }) => url);
  const routes = [...own.map(({ path }) => path), ...pages].filter((path) => path !== "/*");
  const text = (value: unknown) => JSON.stringify(value, null, 2);
  const sorted = [...reasons].sort(([left], [right]) => (left < right ? -1 : 1));
  return [
    "// Generated by npm run gen: what a rule of fault injection may name.",
    `export const rpcs: readonly string[] = ${text([...rpcs, "stoa.platform.v1.EventInboxService/Deliver"].sort())};`,
    `export const routes: readonly string[] = ${text([...new Set(routes)].sort())};`,
    `export const reasons = ${text(Object.fromEntries(sorted))} as const;`,
    "",
  ].join("\n");
}

/** The table of what people see when a part of the shop does not answer. */
function resilienceDocument(): string {
  const shown: string[] = [];
  const cellOf = (outcome: Outcome | undefined) => {
    if (!outcome || outcome.kind === "ok") return "works";
    if (outcome.kind === "refused") return "**refused**";
    if (!shown.includes(outcome.shows)) shown.push(outcome.shows);
    return `works (${shown.indexOf(outcome.shows) + 1})`;
  };
  const names = Object.keys(acts) as Act[];
  const rows: (readonly [string, Row])[] = Object.entries(matrix);
  const table = rows.map(([, { title, states, acts: own }]) => {
    return `| ${title} | ${states.join(", ")} | ${names.map((act) => cellOf(own[act])).join(" | ")} |`;
  });
  const notes = rows.flatMap(([, { title, note }]) => (note === undefined ? [] : [`- ${title}: ${note}`]));
  const seconds = (ms: number) => `${ms / 1000} s`;
  return [
    resilienceIntroduction,
    `| when this | is | ${names.map((act) => `${acts[act].title}, ${seconds(acts[act].limitMs)}`).join(" | ")} |`,
    `| --- | --- | ${names.map(() => "---").join(" | ")} |`,
    ...table,
    "",
    ...shown.map((text, index) => `${index + 1}. ${text.charAt(0).toUpperCase()}${text.slice(1)}.`),
    "",
    ...notes,
    "",
    "## The states",
    "",
    ...Object.entries(faultStates).map(([state, meaning]) => `- **${state}**: ${meaning}`),
    "",
  ].join("\n");
}

const resilienceIntroduction = `# When a part of the shop does not answer

Generated from \`services/resilience.ts\`; \`test/faults/matrix.ts\` plays every cell under the name \`fault/<part>/<state>/<what somebody does>\`. Each answer
comes within the time at the head of its column, whatever hangs; what is missing or old on a page is said in words on that page and, over REST, in the header
\`X-Stoa-Degraded\` (\`catalog;age=37, recommendation\`: the part, and how many seconds old what stands in for it is). **Refused** is 503 with
\`Retry-After\` and words: nothing was done, or, for an order that had begun, it goes on and the same idempotency key gets its end. When the part is well again
so is the shop, within ten seconds and without anybody's hand.
`;

if (import.meta.main) {
  const folder = join(process.argv[2] ?? ".", "docs/reference");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "errors.md"), await errorsDocument());
  writeFileSync(join(folder, "config.md"), await configDocument());
  writeFileSync(join(folder, "events.md"), await eventsDocument());
  writeFileSync(join(folder, "resilience.md"), resilienceDocument());
  writeFileSync(join(folder, "metrics.md"), await metricsDocument(join(import.meta.dirname, "..")));
  const gen = join(process.argv[2] ?? ".", "gen");
  mkdirSync(gen, { recursive: true });
  writeFileSync(join(gen, "settings.ts"), await settingNamesModule());
  writeFileSync(join(gen, "fault-places.ts"), await faultPlacesModule());
  // Services are loaded, not opened; some libraries keep timers all the same.
  process.exit();
}
