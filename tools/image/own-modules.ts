/** What the program's own files need when they run from a bundle: where each of them stood, and the files that it reads beside it. */
import { posix } from "node:path";
import type { Expression, NewExpression, Node } from "oxc-parser";
import { parseSource } from "../source-file.ts";

/** The module, made by the bundler, that knows the root folder of the image: everything is found from there. */
export const rootModule = "stoa:root";

/** Where the bundled program stands in the root folder. */
export const bundledProgram = "code/main.js";

export interface OwnModule {
  readonly code: string;
  /** Files and, with a slash at the end, folders that the module reads, from the root of the repository. */
  readonly assets: readonly string[];
}

/**
 * Writes a module of the repository so that it finds its files from within a bundle: `import.meta.url` becomes the address that the
 * module would have in the image. Throws where the path of a file cannot be read off the text, since the file would then be missing.
 */
export function placeOwnModule(path: string, text: string): OwnModule {
  if (!text.includes("import.meta")) return { code: text, assets: [] };
  const { nodes } = parseSource(path, text);
  const spots = nodes.filter(isModuleUrl);
  if (spots.length === 0) return { code: text, assets: [] };
  const edits: Edit[] = [];
  const assets: string[] = [];
  for (const { start, end } of spots)
    edits.push({ start, end, text: `stoaModuleUrl(${JSON.stringify(path)})` });
  for (const node of nodes) {
    if (!isUrlOfModule(node)) continue;
    const [relative] = node.arguments;
    const asset = assetOf(path, relative as Expression);
    if (asset === "main.ts" && relative) {
      const { start, end } = relative;
      edits.push({ start, end, text: JSON.stringify(posix.relative(posix.dirname(path), bundledProgram)) });
    } else if (asset !== undefined) assets.push(asset);
  }
  const code = `import { moduleUrl as stoaModuleUrl } from ${JSON.stringify(rootModule)};\n${edited(text, edits)}`;
  return { code, assets };
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function edited(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const { start, end, text: replacement } of [...edits].sort((a, b) => b.start - a.start))
    result = result.slice(0, start) + replacement + result.slice(end);
  return result;
}

function isModuleUrl(node: Node | undefined): boolean {
  return (
    node?.type === "MemberExpression" &&
    node.object.type === "MetaProperty" &&
    node.property.type === "Identifier" &&
    node.property.name === "url"
  );
}

function isUrlOfModule(node: Node): node is NewExpression {
  return (
    node.type === "NewExpression" &&
    node.callee.type === "Identifier" &&
    node.callee.name === "URL" &&
    isModuleUrl(node.arguments[1])
  );
}

/** A path with gaps stands for the folder that it begins with. */
function assetOf(path: string, relative: Expression): string | undefined {
  const text = beginningOf(relative);
  if (text === undefined)
    throw new Error(
      `${path} reads a file whose path is not written there: new URL(…, import.meta.url) must begin with a text, so that images can bring the file.`,
    );
  const joined = posix.join(posix.dirname(path), text);
  // The root of the repository is no asset: whoever asks for it looks for what is in it.
  return joined === "./" || joined === "." ? undefined : joined;
}

function beginningOf(expression: Expression): string | undefined {
  if (expression.type === "Literal" && typeof expression.value === "string") return expression.value;
  if (expression.type !== "TemplateLiteral") return undefined;
  const [first = ""] = expression.quasis.map(({ value }) => value.raw);
  if (expression.expressions.length === 0) return first;
  return first.includes("/") ? first.slice(0, first.lastIndexOf("/") + 1) : undefined;
}
