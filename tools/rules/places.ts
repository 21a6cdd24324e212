import { findAll, isTest, type Rule } from "./rule.ts";

/** Programs that people start by hand, and tests: they may look at the machine they run on. */
const isProgramOrTest = (path: string) =>
  /^(main\.ts$|bin\/|tools\/|test\/|bench\/)/.test(path) || isTest(path);
const isTestOrTool = (path: string) => /^(tools|test|bench)\//.test(path) || isTest(path);

export const sqlOnlyInStores: Rule = ({ path, code, strings }) => {
  const isStore = /(^|[/-])store(-[a-z0-9-]+)?\.ts$/.test(path);
  if (!path.startsWith("services/") || isStore || isTest(path)) return [];
  const says = (found: string) =>
    `SQL stands only in a service's store.ts (or <name>-store.ts), not here (${found}…): give the statement a name there.`;
  const statement =
    /^\s*(select\s[\s\S]*\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s*\()/;
  const inStrings = strings.flatMap(({ at, text }) => {
    const sql =
      statement.exec(text) ?? statement.exec(text.replace(/\b[A-Z]+\b/g, (word) => word.toLowerCase()));
    return sql ? [{ at, says: says(sql[0].trim().slice(0, 20)) }] : [];
  });
  return [...findAll(code, /\.query\s*(?:<[^()]*>)?\(/g, says), ...inStrings];
};

export const environmentOnlyInConfig: Rule = ({ path, code }) => {
  const isOutermost = path === "platform/kit/config.ts" || path === "platform/testing/databases.ts";
  if (isOutermost || isProgramOrTest(path)) return [];
  return findAll(
    code,
    /\bprocess\s*\.\s*env\b/g,
    () =>
      "The environment is read once, in platform/kit/config.ts: declare a setting in the service's config.ts and take it from `ctx.config`.",
  );
};

export const timeOnlyFromClock: Rule = ({ path, code }) => {
  if (path === "platform/kit/clock.ts" || path === "platform/kit/ids.ts" || isTestOrTool(path)) return [];
  return findAll(
    code,
    /\bDate\s*\.\s*now\b|\bnew\s+Date\s*(?:\(\s*\)|(?![\s(]))|\bperformance\s*\.\s*now\b|\bprocess\s*\.\s*hrtime\b|\bMath\s*\.\s*random\b/g,
    (found) =>
      `\`${found}\` stands only in platform/kit/clock.ts and platform/kit/ids.ts: take the time from a Clock (in a service: \`ctx.clock\`) and ids from platform/kit/ids.ts, so that a test can set them.`,
  );
};

export const consoleOnlyInPrograms: Rule = ({ path, code }) => {
  if (isProgramOrTest(path)) return [];
  return findAll(
    code,
    /\bconsole\s*\.\s*\w+/g,
    (found) =>
      `\`${found}\` stands only in programs (main.ts, bin/, tools/): write to \`ctx.log\`, which redacts secrets.`,
  );
};
