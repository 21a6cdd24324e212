/** Reading source files for the checks: the syntax tree of a real parser, flattened, so that each rule picks the nodes it is about. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { parseSync, visitorKeys, type Node, type Program } from "oxc-parser";

export type SourceFile = {
  path: string;
  text: string;
  program: Program;
  /** Every node of the tree, outer before inner, in the order of the text. */
  nodes: Node[];
  /** With their slashes. */
  comments: Piece[];
  /** What stands in quotes, templates and regular expressions; the expressions of a template are left out. */
  strings: Piece[];
  imports: Import[];
};
export type Piece = { at: number; text: string };
export type Import = {
  at: number;
  specifier: string;
  /** What is taken from it by name, with the name it has here. */
  names: { imported: string; local: string }[];
  isReExport: boolean;
  /** `export * from`. */
  isStar: boolean;
};

/** Throws where the text is not TypeScript, because a rule that sees half a file finds nothing wrong in the other half. */
export function parseSource(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text, { preserveParens: false });
  const [fault] = errors;
  if (fault) throw new Error(`${path} cannot be parsed: ${fault.message}`);
  const nodes = [...nodesIn(program)];
  return {
    path,
    text,
    program,
    nodes,
    comments: comments.map(({ start, end }) => ({ at: start, text: text.slice(start, end) })),
    strings: nodes.flatMap(stringsOf),
    imports: nodes.flatMap((node) => importsOf(node, text)),
  };
}

/** The node and everything in it, outer before inner. */
export function* nodesIn(root: Node): Generator<Node> {
  yield root;
  const fields = root as unknown as { readonly [key: string]: unknown };
  for (const key of visitorKeys[root.type] ?? []) {
    for (const child of [fields[key]].flat()) {
      if (isNode(child)) yield* nodesIn(child);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
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

/** The name of a member access, however it is written: `a.b`, `a["b"]`, `a?.b`; undefined when it is computed. */
export function memberName(node: Node): string | undefined {
  if (node.type !== "MemberExpression") return undefined;
  const { property } = node;
  if (property.type === "PrivateIdentifier") return `#${property.name}`;
  if (!node.computed && property.type === "Identifier") return property.name;
  return property.type === "Literal" && typeof property.value === "string" ? property.value : undefined;
}

/** Whether the node is the access `object.member` to something global, such as `Date.now`. */
export function isMemberOf(node: Node, object: string, member?: string): boolean {
  if (node.type !== "MemberExpression" || node.object.type !== "Identifier") return false;
  return node.object.name === object && (member === undefined || memberName(node) === member);
}

function stringsOf(node: Node): Piece[] {
  if (node.type === "Literal") {
    if (typeof node.value === "string") return [{ at: node.start + 1, text: node.value }];
    return "regex" in node ? [{ at: node.start + 1, text: node.regex.pattern }] : [];
  }
  // A template is one text, so that a statement with a value in its middle is still seen whole.
  if (node.type !== "TemplateLiteral") return [];
  return [{ at: node.start + 1, text: node.quasis.map(({ value }) => value.cooked ?? value.raw).join("?") }];
}

function importsOf(node: Node, text: string): Import[] {
  const one = (source: Node | null, names: Import["names"] = [], isReExport = false): Import[] => {
    const specifier = source && constantText(source);
    const isStar = node.type === "ExportAllDeclaration";
    return specifier === undefined || specifier === null
      ? []
      : [{ at: node.start, specifier, names, isReExport, isStar }];
  };
  switch (node.type) {
    case "ImportDeclaration": {
      const names = node.specifiers.map((specifier) => ({
        imported: specifier.type === "ImportSpecifier" ? nameAt(specifier.imported, text) : "*",
        local: specifier.local.name,
      }));
      return one(node.source, names);
    }
    case "ExportNamedDeclaration":
      return one(node.source, [], true);
    case "ExportAllDeclaration":
      return one(node.source, [], true);
    case "ImportExpression":
      return one(node.source);
    case "TSImportType":
      return one(node.source);
    case "TSExternalModuleReference":
      return one(node.expression);
    case "CallExpression":
      return node.callee.type === "Identifier" && node.callee.name === "require"
        ? one(node.arguments[0] ?? null)
        : [];
    default:
      return [];
  }
}

function nameAt({ start, end }: { start: number; end: number }, text: string): string {
  return text.slice(start, end);
}

function constantText(node: Node): string | undefined {
  if (node.type === "Literal" && typeof node.value === "string") return node.value;
  if (node.type !== "TemplateLiteral" || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}
