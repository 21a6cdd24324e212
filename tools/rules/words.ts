import { basename } from "node:path";
import type { Node } from "oxc-parser";
import { isMemberOf, memberName } from "../source-file.ts";
import { findAll, isTest, type Finding, type Rule } from "./rule.ts";

const commerceWords = new Set(
  (
    "cart carts catalog catalogue checkout shipment shipments shipping sku skus storefront product products " +
    "orders coupon refund refunds shopper merchant"
  ).split(" "),
);

/** Words that platform/ may use although they belong to a shop, each with the file that needs it. */
const allowedWords: Record<string, string[]> = {};

export const platformKnowsNoCommerce: Rule = ({ path, nodes, strings }) => {
  if (!path.startsWith("platform/") || isTest(path)) return [];
  const allowed = allowedWords[path] ?? [];
  const names = nodes.flatMap((node) => {
    const isName = node.type === "Identifier" || node.type === "PrivateIdentifier";
    return isName ? [{ at: node.start, text: node.name }] : [];
  });
  return [...names, ...strings].flatMap(({ at, text }) =>
    [...text.matchAll(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g)].flatMap((found): Finding[] => {
      const word = found[0].toLowerCase();
      if (!commerceWords.has(word) || allowed.includes(word)) return [];
      const says = `platform/ knows no commerce but money, and "${found[0]}" is a word of the shop: this belongs into a service, or needs a more general name.`;
      return [{ at: at + found.index, says }];
    }),
  );
};

export const unfinishedWorkHasAnIssue: Rule = ({ comments }) =>
  comments.flatMap(({ at, text }) =>
    findAll(
      text,
      /\bTODO\b(?!\(#\d+\))|\b(?:FIXME|XXX|HACK)\b/g,
      (found) =>
        `A bare ${found} is nobody's work: write TODO(#123) with the number of an issue, or do it now.`,
    ).map((finding) => ({ ...finding, at: at + finding.at })),
  );

export const noSwitchedOffTests: Rule = ({ path, nodes }) => {
  // Those that need programs beyond npm are skipped, by name, where these are not installed.
  if (!isTest(path) || path.endsWith(".outside.ts")) return [];
  return nodes.flatMap((node): Finding[] => {
    const found = isTestMember(node) ? memberName(node) : switchInOptions(node, nodes);
    const says = `A test is never switched off (\`${found}\`): mend it, or delete it and say why in the commit.`;
    return found === undefined || !switches.has(found) ? [] : [{ at: node.start, says }];
  });
};

const switches = new Set(["only", "skip", "todo"]);
const testNames = ["test", "it", "describe", "suite", "t"];

const isTestMember = (node: Node) => testNames.some((name) => isMemberOf(node, name));

/** An option of a test that is not plainly off, also when the options have a name. */
function switchInOptions(node: Node, nodes: readonly Node[]): string | undefined {
  if (node.type !== "CallExpression") return undefined;
  const { callee } = node;
  const isOfTest = callee.type === "Identifier" ? testNames.includes(callee.name) : isTestMember(callee);
  if (!isOfTest) return undefined;
  const properties = node.arguments
    .map((argument) => (argument.type === "Identifier" ? valueOf(argument.name, nodes) : argument))
    .flatMap((argument) => (argument?.type === "ObjectExpression" ? argument.properties : []));
  return properties.flatMap((one) => {
    if (one.type !== "Property" || one.key.type !== "Identifier" || !switches.has(one.key.name)) return [];
    const isOff = one.value.type === "Literal" && one.value.value === false;
    return isOff ? [] : [one.key.name];
  })[0];
}

/** What a name of the file was declared with. */
function valueOf(name: string, nodes: readonly Node[]): Node | undefined {
  for (const node of nodes)
    if (node.type === "VariableDeclarator" && node.id.type === "Identifier" && node.id.name === name)
      return node.init ?? undefined;
  return undefined;
}

const vagueNames = /^(utils?|helpers?|common|misc|manager|data|info|lib|shared|stuff)$/;

export const filesSayWhatTheyHold: Rule = ({ path }) => {
  const name = basename(path).replace(/(\.test)?\.ts$/, "");
  const vague = [...path.split("/").slice(0, -1), ...name.split("-")].find((word) => vagueNames.test(word));
  if (vague === undefined) return [];
  return [
    { at: 0, says: `"${vague}" in a path says nothing: name the file after the one thing that it holds.` },
  ];
};
