/**
 * Reading source text for the checks. TypeScript 7 offers no stable parser to programs, so this splits a file into
 * code, comments and strings, which is all that the rules in tools/rules need to be exact.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

export type SourceFile = {
  path: string;
  text: string;
  /** Comments and the contents of strings and regular expressions are blanks; every position stays as it was. */
  code: string;
  comments: Piece[];
  strings: Piece[];
  imports: Import[];
};
export type Piece = { at: number; text: string };
export type Import = { at: number; specifier: string; clause: string; isReExport: boolean };

type Kind = "code" | "comment" | "string";

export function parseSource(path: string, text: string): SourceFile {
  const pieces = splitPieces(text);
  const of = (kind: Kind) => pieces.filter((piece) => piece.kind === kind);
  const code = pieces.map((piece) => (piece.kind === "code" ? piece.text : blank(piece.text))).join("");
  return {
    path,
    text,
    code,
    comments: of("comment"),
    strings: of("string"),
    imports: findImports(text, code),
  };
}

/** Every file of the repository that git keeps or would keep, with forward slashes. */
export function listRepositoryFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return [...new Set(listed.split("\0"))].filter((path) => path !== "" && existsSync(path)).sort();
}

export function readSource(path: string): SourceFile {
  return parseSource(path, readFileSync(path, "utf8"));
}

export function lineAt(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}

/** The text between the bracket at `open` and its partner, or up to the end when there is none. */
export function insideBrackets(code: string, open: number): string {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if ("([{".includes(code.charAt(at))) depth++;
    if (")]}".includes(code.charAt(at)) && --depth === 0) return code.slice(open + 1, at);
  }
  return code.slice(open + 1);
}

const blank = (text: string) => text.replace(/[^\n]/g, " ");

function findImports(text: string, code: string): Import[] {
  const statements = /\b(import|export)\b([^;()=]*?\bfrom\b)?\s*\(?\s*(["'])( *)\3/g;
  return [...code.matchAll(statements)].flatMap((found) => {
    const [whole, keyword, clause = "", , gap = ""] = found;
    if (keyword === "export" && clause === "") return [];
    const end = found.index + whole.length - 1;
    return {
      at: found.index,
      specifier: text.slice(end - gap.length, end),
      clause,
      isReExport: keyword === "export",
    };
  });
}

const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const quoted = /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y;
const templatePart = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y;
const regularExpression = /\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\//y;
/** After these a slash begins a regular expression; after anything else it divides. */
const beforeExpression =
  /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|void|throw|await|yield))\s*$/;

function splitPieces(text: string): (Piece & { kind: Kind })[] {
  const pieces: (Piece & { kind: Kind })[] = [];
  /** One entry per open `${`: how many braces are open inside it. */
  const templates: number[] = [];
  let at = 0;
  let recent = "";
  const take = (kind: Kind, length: number) => {
    if (length === 0) return;
    const piece = text.slice(at, at + length);
    if (kind === "code") recent = (recent + piece).slice(-40);
    pieces.push({ kind, at, text: piece });
    at += length;
  };
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at;
    return pattern.exec(text)?.[0].length ?? 0;
  };
  /** Takes template text, then either the closing backtick or an opening `${`. */
  const takeTemplate = () => {
    take("string", match(templatePart));
    if (text.startsWith("${", at)) templates.push(0);
    take("code", text.startsWith("${", at) ? 2 : 1);
  };
  while (at < text.length) {
    const char = text.charAt(at);
    const open = templates.length - 1;
    if (match(comment) > 0) take("comment", match(comment));
    else if (match(quoted) > 0) {
      const inner = match(quoted) - 2;
      take("code", 1);
      take("string", inner);
      take("code", 1);
    } else if (char === "`") {
      take("code", 1);
      takeTemplate();
    } else if (char === "}" && templates[open] === 0) {
      templates.pop();
      take("code", 1);
      takeTemplate();
    } else if (char === "/" && beforeExpression.test(recent) && match(regularExpression) > 0) {
      take("string", match(regularExpression));
      recent = ")";
    } else {
      if (open >= 0 && char === "{") templates[open] = (templates[open] ?? 0) + 1;
      if (open >= 0 && char === "}") templates[open] = (templates[open] ?? 0) - 1;
      take("code", 1);
    }
  }
  return pieces;
}
