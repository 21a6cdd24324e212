import { basename } from "node:path";
import { findAll, isTest, type Finding, type Rule } from "./rule.ts";

const commerceWords = new Set(
  (
    "cart carts catalog catalogue checkout shipment shipments shipping sku skus storefront product products " +
    "orders coupon refund refunds shopper merchant"
  ).split(" "),
);

/** Words that platform/ may use although they belong to a shop, each with the file that needs it. */
const allowedWords: Record<string, string[]> = {};

export const platformKnowsNoCommerce: Rule = ({ path, code, strings }) => {
  if (!path.startsWith("platform/") || isTest(path)) return [];
  const allowed = allowedWords[path] ?? [];
  return [{ at: 0, text: code }, ...strings].flatMap(({ at, text }) =>
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

export const noSwitchedOffTests: Rule = ({ path, code }) => {
  if (!isTest(path)) return [];
  return findAll(
    code,
    /\b(?:test|it|describe|suite|t)\s*\.\s*(?:only|skip|todo)\b|\b(?:only|skip|todo)\s*:(?!\s*(?:false\b|\d))/g,
    (found) =>
      `A test is never switched off (\`${found}\`): mend it, or delete it and say why in the commit.`,
  );
};

const vagueNames = /^(utils?|helpers?|common|misc|manager|data|info|lib|shared|stuff)$/;

export const filesSayWhatTheyHold: Rule = ({ path }) => {
  const name = basename(path).replace(/(\.test)?\.ts$/, "");
  const vague = [...path.split("/").slice(0, -1), ...name.split("-")].find((word) => vagueNames.test(word));
  if (vague === undefined) return [];
  return [
    { at: 0, says: `"${vague}" in a path says nothing: name the file after the one thing that it holds.` },
  ];
};
