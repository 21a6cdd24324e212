/** Enforces the invariants of ARCHITECTURE.md that can be read off the source files; each rule stands in tools/rules. */
import { noRemoteCallInTransaction, readersDecideNothing, rpcSaysWhoMayCall } from "./rules/handlers.ts";
import {
  extensionImportsPortsAndPoints,
  neighbourImportsContracts,
  noBarrels,
  platformImportsNoService,
  restClientStandsAlone,
  restIsKnownAtTheEdge,
  serviceImportsNoOtherService,
  testSupportStaysInTests,
} from "./rules/imports.ts";
import {
  consoleOnlyInPrograms,
  environmentOnlyInConfig,
  sqlOnlyInStores,
  timeOnlyFromClock,
} from "./rules/places.ts";
import { doorsAreAlike, operationsBearTheNameOfTheirFile } from "./rules/plan.ts";
import type { Rule } from "./rules/rule.ts";
import {
  filesSayWhatTheyHold,
  noSwitchedOffTests,
  platformKnowsNoCommerce,
  unfinishedWorkHasAnIssue,
} from "./rules/words.ts";
import { lineAt, listRepositoryFiles, readSource, type SourceFile } from "./source-file.ts";

const rules: Rule[] = [
  platformImportsNoService,
  platformKnowsNoCommerce,
  restIsKnownAtTheEdge,
  serviceImportsNoOtherService,
  extensionImportsPortsAndPoints,
  neighbourImportsContracts,
  restClientStandsAlone,
  testSupportStaysInTests,
  sqlOnlyInStores,
  environmentOnlyInConfig,
  timeOnlyFromClock,
  consoleOnlyInPrograms,
  noBarrels,
  operationsBearTheNameOfTheirFile,
  doorsAreAlike,
  rpcSaysWhoMayCall,
  readersDecideNothing,
  noRemoteCallInTransaction,
  unfinishedWorkHasAnIssue,
  noSwitchedOffTests,
  filesSayWhatTheyHold,
];

/** What the file breaks, one line per place: `path:line: sentence`. */
export function checkSource(source: SourceFile): string[] {
  const isGenerated = source.path.startsWith("gen/");
  return (isGenerated ? [restClientStandsAlone] : rules)
    .flatMap((rule) => rule(source))
    .sort((a, b) => a.at - b.at)
    .map(({ at, says }) => `${source.path}:${lineAt(source.text, at)}: ${says}`);
}

if (import.meta.main) {
  const paths = listRepositoryFiles().filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"));
  const broken = paths.flatMap((path) => checkSource(readSource(path)));
  for (const line of broken) console.log(line);
  if (broken.length > 0) {
    console.log(`\n${broken.length} broken. The rules and their reasons: ARCHITECTURE.md and STYLE.md.`);
    process.exitCode = 1;
  }
}
