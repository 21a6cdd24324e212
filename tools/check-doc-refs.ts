/** Signs must not lie: every path, script and link that a document names exists. */
import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { lineAt, listRepositoryFiles } from "./source-file.ts";

export type Repository = { has: (path: string) => boolean; scripts: string[] };

/** Accepted decisions are history and may name what is gone since. */
const isHistory = (path: string) => path.startsWith("docs/decisions/") || path === "CHANGELOG.md";

/** What the document gets wrong, one line per place: `path:line: sentence`. */
export function checkDocument(path: string, text: string, repository: Repository): string[] {
  const findings = [
    ...findBrokenLinks(path, text, repository),
    ...(isHistory(path) ? [] : findBrokenPaths(path, text, repository)),
    ...findUnknownScripts(text, repository),
    ...findOutsidePaths(path, text),
  ];
  return findings.sort((a, b) => a.at - b.at).map(({ at, says }) => `${path}:${lineAt(text, at)}: ${says}`);
}

type Finding = { at: number; says: string };

function findBrokenLinks(path: string, text: string, repository: Repository): Finding[] {
  const links = [...withoutCode(text).matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)];
  return links.flatMap((link) => {
    const target = (link[1] ?? "").replace(/[#?].*$/, "");
    if (target === "" || /^[a-z][a-z+.-]*:/i.test(target)) return [];
    const resolved = target.startsWith("/") ? target.slice(1) : posix.join(posix.dirname(path), target);
    if (repository.has(resolved)) return [];
    return [{ at: link.index, says: `The link leads to ${resolved}, which does not exist.` }];
  });
}

/** Paths in backticks, from the root of the repository or from the folder of the document. */
function findBrokenPaths(path: string, text: string, repository: Repository): Finding[] {
  return [...withoutFences(text).matchAll(/`([^`\n]+)`/g)].flatMap((quote) => {
    const named = (quote[1] ?? "").replace(/:\d+$/, "");
    if (!looksLikePath(named, repository)) return [];
    const fromHere = posix.join(posix.dirname(path), named);
    if (repository.has(posix.normalize(named)) || repository.has(fromHere)) return [];
    return [{ at: quote.index, says: `${named} is named here, but there is no such file or folder.` }];
  });
}

/**
 * A path is a known file ending, or begins with a folder that stands at the root. Placeholders (`<name>`, `*`, `…`),
 * routes (`/api/…`), commands and package names are none.
 */
function looksLikePath(named: string, repository: Repository): boolean {
  if (!/^[\w.@-][\w./@-]*$/.test(named) || named.startsWith("@") || named.startsWith("..")) return false;
  if (/^(NNNN|0000)|\/(NNNN|0000)/.test(named) || isMadeByPrograms(named)) return false;
  const isSourceFile = /\.(ts|md|sql|proto|ya?ml|json|css|tsx|sh|txt|csv)$/.test(named);
  if (named.includes("/")) return isSourceFile || repository.has(named.slice(0, named.indexOf("/")));
  return /^[A-Z]{4,}\.md$|^[a-z0-9-]+\.(ts|ya?ml)$|^package(-lock)?\.json$/.test(named);
}

const isMadeByPrograms = (path: string) => /^(\.stoa|node_modules|dist)\//.test(path);

function findUnknownScripts(text: string, { scripts }: Repository): Finding[] {
  const always = ["start", "test", "stop", "restart"];
  const named = [...text.matchAll(/\bnpm (?:run (?:-s |--silent )?([a-z][\w:-]*)|(start|test)\b)/g)];
  return named.flatMap((found) => {
    const script = found[1] ?? found[2] ?? "";
    if (scripts.includes(script)) return [];
    const command = always.includes(script) && found[2] ? `npm ${script}` : `npm run ${script}`;
    return [
      { at: found.index, says: `\`${command}\` is named here, but package.json has no script "${script}".` },
    ];
  });
}

/** Paths that exist on one machine only, or lead out of the repository. */
function findOutsidePaths(path: string, text: string): Finding[] {
  const absolute = [...text.matchAll(/(?<![\w.:/])\/(?:home|root|Users|work)\/[\w.-]+/g)];
  const upward = [...text.matchAll(/(?<![\w./])(?:\.\.\/)+[\w.-]+/g)].filter(([found]) =>
    posix.join(posix.dirname(path), found).startsWith(".."),
  );
  return [...absolute, ...upward].map((found) => ({
    at: found.index,
    says: `${found[0]} lies outside the repository: a reader does not have it.`,
  }));
}

const blank = (text: string) => text.replace(/[^\n]/g, " ");
const withoutFences = (text: string) => text.replace(/^( *)(```|~~~)[\s\S]*?^\1\2[^\n]*$/gm, blank);
const withoutCode = (text: string) => withoutFences(text).replace(/`[^`\n]*`/g, blank);

/** The repository of the working directory. A folder exists when a file in it does. */
export function openRepository(files: string[], packageJson: string): Repository {
  const known = new Set(files);
  for (const file of files) {
    for (let folder = posix.dirname(file); folder !== "."; folder = posix.dirname(folder)) known.add(folder);
  }
  const { scripts = {} }: { scripts?: Record<string, string> } = JSON.parse(packageJson);
  return { has: (path) => path === "." || known.has(path.replace(/\/$/, "")), scripts: Object.keys(scripts) };
}

if (import.meta.main) {
  const files = listRepositoryFiles();
  const repository = openRepository(files, readFileSync("package.json", "utf8"));
  const documents = files.filter((path) => path.endsWith(".md") && existsSync(path));
  const broken = documents.flatMap((path) => checkDocument(path, readFileSync(path, "utf8"), repository));
  for (const line of broken) console.log(line);
  if (broken.length > 0) process.exitCode = 1;
}
