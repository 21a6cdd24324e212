/** Writes docs/reference/errors.md, docs/reference/config.md and docs/reference/events.md below a folder, from the tables in the code. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorKinds } from "#platform/kit/errors.ts";
import { platformReasons, type ErrorReason } from "#platform/kit/error-reasons.ts";
import type { Settings } from "#platform/kit/config.ts";
import { eventKind } from "#platform/database/events.ts";
import { checkTopics, hearsOf } from "#platform/kit/hearing.ts";
import { PlatformConfig } from "#platform/kit/settings.ts";
import { settingsOfPorts } from "#platform/kit/extension-kit.ts";
import { shopSettings } from "#platform/kit/shop-file.ts";
import { AuditConfig } from "../audit/config.ts";
import { shop } from "../shop.ts";

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
  return [...lines, ""].join("\n");
}

async function configDocument(): Promise<string> {
  const lines = [
    "# Settings",
    "",
    "Generated from the declarations in the code. Settings are environment variables, read once at the start; `config --check`",
    "names every fault, `config --print` shows the values without secrets.",
    "",
  ];
  const parts: { name: string; settings: Settings }[] = [
    { name: "platform", settings: PlatformConfig },
    { name: "shop", settings: shopSettings(shop) },
    { name: "flags", settings: shop.flags },
    { name: "audit", settings: AuditConfig },
  ];
  const extensions = await Promise.all(shop.extensions.map(async ({ load }) => await load()));
  for (const { name, load } of shop.services) {
    const definition = await load();
    const own = definition.config as Settings;
    parts.push({ name, settings: { ...own, ...(await settingsOfPorts(definition, extensions)) } });
  }
  for (const { name, settings } of parts) {
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

if (import.meta.main) {
  const folder = join(process.argv[2] ?? ".", "docs/reference");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "errors.md"), await errorsDocument());
  writeFileSync(join(folder, "config.md"), await configDocument());
  writeFileSync(join(folder, "events.md"), await eventsDocument());
  // Services are loaded, not opened; some libraries keep timers all the same.
  process.exit();
}
