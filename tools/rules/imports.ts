import { posix } from "node:path";
import type { SourceFile } from "../source-file.ts";
import { isTest, serviceOf, type Finding, type Rule } from "./rule.ts";

/** platform/ → gen/ → npm: what all services share knows none of them. */
export const platformImportsNoService: Rule = (source) => {
  if (!source.path.startsWith("platform/")) return [];
  return repositoryImports(source)
    .filter(({ target }) => !target.startsWith("platform/") && !target.startsWith("gen/"))
    .map(({ at, specifier }) => ({
      at,
      says: `platform/ imports only platform/, gen/ and npm, not "${specifier}": services depend on it, never the reverse.`,
    }));
};

export const serviceImportsNoOtherService: Rule = (source) => {
  const own = serviceOf(source.path);
  if (own === undefined) return [];
  return repositoryImports(source).flatMap(({ at, specifier, target }): Finding[] => {
    const other = serviceOf(target);
    if (other === own || specifier.startsWith("#platform/") || specifier.startsWith("#gen/")) return [];
    if (other !== undefined) {
      const says = `The service ${own} imports "${specifier}" of the service ${other}: a service never imports another. Name its descriptor from #gen/ in \`needs\` and call it.`;
      return [{ at, says }];
    }
    const says = `The service ${own} imports "${specifier}": a service imports only its own folder, #platform/, #gen/ and npm.`;
    return [{ at, says }];
  });
};

/** A translation stands where calls are made, and knows both contracts and nothing of what answers or asks. */
export const neighbourImportsContracts: Rule = (source) => {
  if (!source.path.startsWith("neighbours/") || isTest(source.path)) return [];
  return repositoryImports(source)
    .filter(({ target }) => !/^(neighbours|platform|gen)\//.test(target) || target.startsWith("gen/rest/"))
    .map(({ at, specifier }) => ({
      at,
      says: `neighbours/ translates contracts and imports only its own folder, #platform/, #gen/ and npm, not "${specifier}": what a service is inside, its callers do not know.`,
    }));
};

/** What an extension may know of the house: ports, points, and in its tests the suites of the ports and the shop as it comes. */
const openToExtensions = /^services\/[^/]+\/(provider|extension)\.ts$/;

export const extensionImportsPortsAndPoints: Rule = (source) => {
  const own = /^extensions\/[^/]+\//.exec(source.path)?.[0];
  if (own === undefined) return [];
  return repositoryImports(source).flatMap(({ at, specifier, target }): Finding[] => {
    const isOpen =
      openToExtensions.test(target) ||
      (isTestSupport(source.path) && /^(services\/|test\/|shop\.ts$)/.test(target));
    if (
      isOpen ||
      target.startsWith(own) ||
      specifier.startsWith("#platform/") ||
      specifier.startsWith("#gen/")
    )
      return [];
    const says = `An extension imports its own folder, #platform/, #gen/, npm and the ports and points of services (services/<name>/provider.ts, extension.ts), not "${specifier}": what else a service has may change with any release.`;
    return [{ at, says }];
  });
};

/** Stand-ins and shared test contexts: they live in a `testing/` folder of a service or of platform/. */
const isTestSupport = (path: string) => isTest(path) || /(^|\/)testing\//.test(path);

/**
 * A stand-in that a shop could run by accident is a hole in it; what tests share never leaves the tests. That services and
 * platform/ reach nothing of test/ follows from the rules above.
 */
export const testSupportStaysInTests: Rule = (source) => {
  if (isTestSupport(source.path) || /^(test|tools|bench)\//.test(source.path)) return [];
  const isElsewhere = !/^(services|platform)\//.test(source.path);
  return repositoryImports(source)
    .filter(({ target }) => isTestSupport(target) || (isElsewhere && target.startsWith("test/")))
    .map(({ at, specifier }) => ({
      at,
      says: `"${specifier}" exists for tests: what runs in a shop imports no test, no testing/ folder and nothing of test/.`,
    }));
};

/** Services of pages for people. All they know of the rest of the shop is its REST API. */
const pageServices = ["storefront", "admin"];

/** What a page can do, the public API can do: pages know REST and nothing else, and behind the edge nobody knows REST. */
export const restIsKnownAtTheEdge: Rule = (source) => {
  const own = serviceOf(source.path);
  if (own === undefined) return [];
  const isPages = pageServices.includes(own);
  return repositoryImports(source).flatMap(({ at, specifier, target }): Finding[] => {
    if (!target.startsWith("gen/")) return [];
    const isRest = target.startsWith("gen/rest/");
    if (isPages && !isRest)
      return [
        {
          at,
          says: `The service ${own} makes pages and imports "${specifier}": pages know the REST API (#gen/rest/) and no contract of a service.`,
        },
      ];
    if (!isPages && isRest)
      return [
        {
          at,
          says: `The service ${own} imports "${specifier}": only pages ask over REST; between services calls go through contracts.`,
        },
      ];
    return [];
  });
};

/** The doors of packages: what they show is all that a program outside can name. */
const packageEntries = ["sdk/stoa-sdk.ts"];

/** A file whose only content is what other files export hides where things are. */
export const noBarrels: Rule = (source) => {
  if (packageEntries.includes(source.path)) return [];
  const says = "No barrel files: import the file that has the thing, so that a path says where it is.";
  const stars = source.imports.filter(({ isStar }) => isStar).map(({ at }) => ({ at, says }));
  if (stars.length > 0 || !source.path.endsWith("/index.ts")) return stars;
  const { body } = source.program;
  const holdsNothing = body.every(
    (statement) =>
      statement.type === "ImportDeclaration" ||
      (statement.type === "ExportNamedDeclaration" && statement.declaration === null),
  );
  return holdsNothing && body.length > 0 ? [{ at: 0, says }] : [];
};

/** Where the client of the REST API, and what is made of it, may reach. */
const restFolders: readonly { readonly folder: string; readonly targets: readonly string[] }[] = [
  { folder: "gen/rest/", targets: ["gen/rest/"] },
  { folder: "sdk/", targets: ["sdk/", "gen/rest/"] },
];

/** What leaves the house as a package brings nothing of the house along, and no package either. */
export const restClientStandsAlone: Rule = (source) => {
  const own = restFolders.find(({ folder }) => source.path.startsWith(folder));
  if (!own || isTest(source.path)) return [];
  const targets = new Map(repositoryImports(source).map(({ at, target }) => [at, target]));
  return source.imports
    .filter(({ at }) => !own.targets.some((folder) => targets.get(at)?.startsWith(folder)))
    .map(({ at, specifier }) => ({
      at,
      says: `${own.folder} imports "${specifier}": the REST client is used outside of the house, so it imports ${own.targets.join(" and ")} only.`,
    }));
};

/** Imports of files of this repository, with the path each one resolves to. */
function repositoryImports(source: SourceFile) {
  return source.imports.flatMap(({ at, specifier }) => {
    if (specifier.startsWith("#")) return [{ at, specifier, target: specifier.slice(1) }];
    if (!specifier.startsWith(".")) return [];
    return [{ at, specifier, target: posix.join(posix.dirname(source.path), specifier) }];
  });
}
