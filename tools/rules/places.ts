import type { Node } from "oxc-parser";
import { isMemberOf, memberName, type SourceFile } from "../source-file.ts";
import { isTest, type Finding, type Rule } from "./rule.ts";

/** Programs that people start by hand, and tests: they may look at the machine they run on. */
const isProgramOrTest = (path: string) =>
  /^(main\.ts$|bin\/|tools\/|test\/|bench\/)/.test(path) || isTest(path);
const isTestOrTool = (path: string) => /^(tools|test|bench)\//.test(path) || isTest(path);

const sqlStatement =
  /^\s*(select\s[\s\S]*\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s*\()/;

export const sqlOnlyInStores: Rule = ({ path, nodes, strings }) => {
  const isStore = /(^|[/-])store(-[a-z0-9-]+)?\.ts$/.test(path);
  if (!/^(services|neighbours|extensions)\//.test(path) || isStore || isTest(path)) return [];
  const says = (found: string) =>
    `SQL stands only in a service's store.ts (or <name>-store.ts), not here (${found}…): give the statement a name there.`;
  const inStrings = strings.flatMap(({ at, text }) => {
    const lower = text.replace(/\b[A-Z]+\b/g, (word) => word.toLowerCase());
    const sql = sqlStatement.exec(text) ?? sqlStatement.exec(lower);
    return sql ? [{ at, says: says(sql[0].trim().slice(0, 20)) }] : [];
  });
  const queries = nodes.filter(
    (node) => node.type === "CallExpression" && memberName(node.callee) === "query",
  );
  return [...queries.map(({ start }) => ({ at: start, says: says(".query(") })), ...inStrings];
};

/** The places of the nodes that the predicate names, each with what it found. */
function findNodes(
  source: SourceFile,
  find: (node: Node) => string | undefined,
  says: (found: string) => string,
): Finding[] {
  return source.nodes.flatMap((node) => {
    const found = find(node);
    return found === undefined ? [] : [{ at: node.start, says: says(found) }];
  });
}

export const environmentOnlyInConfig: Rule = (source) => {
  const { path } = source;
  const isOutermost = path === "platform/kit/config.ts" || path === "platform/testing/databases.ts";
  if (isOutermost || isProgramOrTest(path)) return [];
  return findNodes(
    source,
    environmentIn,
    () =>
      "The environment is read once, in platform/kit/config.ts: declare a setting in the service's config.ts and take it from `ctx.config`.",
  );
};

/** `process.env` in any spelling, also taken apart or imported. */
function environmentIn(node: Node): string | undefined {
  if (isMemberOf(node, "process", "env")) return "process.env";
  if (node.type === "VariableDeclarator" && node.init?.type === "Identifier" && node.init.name === "process")
    return node.id.type === "ObjectPattern" && takes(node.id.properties, "env") ? "process.env" : undefined;
  if (node.type !== "ImportDeclaration" || !/^(node:)?process$/.test(node.source.value)) return undefined;
  return node.specifiers.some((one) => one.type === "ImportSpecifier" && nameOf(one.imported) === "env")
    ? "process.env"
    : undefined;
}

const takes = (properties: readonly Node[], name: string) =>
  properties.some((one) => one.type === "Property" && nameOf(one.key) === name);

function nameOf(node: Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  return node.type === "Literal" && typeof node.value === "string" ? node.value : undefined;
}

export const timeOnlyFromClock: Rule = (source) => {
  const { path } = source;
  if (path === "platform/kit/clock.ts" || path === "platform/kit/ids.ts" || isTestOrTool(path)) return [];
  return findNodes(
    source,
    timeIn,
    (found) =>
      `\`${found}\` stands only in platform/kit/clock.ts and platform/kit/ids.ts: take the time from a Clock (in a service: \`ctx.clock\`) and ids from platform/kit/ids.ts, so that a test can set them.`,
  );
};

const clocks: readonly [object: string, member: string][] = [
  ["Date", "now"],
  ["performance", "now"],
  ["process", "hrtime"],
  ["Math", "random"],
];

function timeIn(node: Node): string | undefined {
  const read = clocks.find(([object, member]) => isMemberOf(node, object, member));
  if (read) return read.join(".");
  const isCall = node.type === "NewExpression" || node.type === "CallExpression";
  if (!isCall || node.callee.type !== "Identifier" || node.callee.name !== "Date") return undefined;
  // Without `new`, Date tells the time whatever it is given.
  return node.type === "CallExpression" || node.arguments.length === 0 ? "Date" : undefined;
}

export const consoleOnlyInPrograms: Rule = (source) => {
  if (isProgramOrTest(source.path)) return [];
  return findNodes(
    source,
    (node) => (isMemberOf(node, "console") ? `console.${memberName(node) ?? "…"}` : undefined),
    (found) =>
      `\`${found}\` stands only in programs (main.ts, bin/, tools/): write to \`ctx.log\`, which redacts secrets.`,
  );
};
