import { basename } from "node:path";
import type { Node } from "oxc-parser";
import type { SourceFile } from "../source-file.ts";
import { isTest, type Rule } from "./rule.ts";

const suffixes: Readonly<Record<string, string>> = { rpc: "", jobs: "Job", tasks: "Task" };

/** One plan for every service: whoever knows an operation's name knows its file, and the other way round. */
export const operationsBearTheNameOfTheirFile: Rule = (source) => {
  const [, folder = ""] =
    /^(?:services|extensions)\/[^/]+\/(rpc|jobs|tasks)\/[^/]+\.ts$/.exec(source.path) ?? [];
  const suffix = suffixes[folder];
  if (suffix === undefined || isTest(source.path)) return [];
  const expected = `${camelOf(basename(source.path, ".ts"))}${suffix}`;
  const exported = exportedNames(source);
  if (!exported.includes(expected))
    return [
      { at: 0, says: `A file in ${folder}/ exports what it is named after, and here that is ${expected}.` },
    ];
  const other = exported.find((name) => suffix !== "" && name.endsWith(suffix) && name !== expected);
  if (other === undefined) return [];
  return [{ at: 0, says: `A file in ${folder}/ holds one of its kind: ${other} has a file of its own.` }];
};

/** The door of a service bears its name and opens its context. */
export const doorsAreAlike: Rule = (source) => {
  const [, name = ""] = /^services\/([^/]+)\/service\.ts$/.exec(source.path) ?? [];
  if (name === "") return [];
  const camel = camelOf(name);
  const door = source.nodes.some((node) => isDoor(node, camel, name));
  if (!door)
    return [
      {
        at: 0,
        says: `The door of ${name} is \`export const ${camel} = defineService({ name: "${name}", …\`.`,
      },
    ];
  const opener = `open${camel.charAt(0).toUpperCase()}${camel.slice(1)}Context`;
  const isOpened = source.imports.some(
    ({ specifier, names }) =>
      specifier === "./context.ts" && names.some(({ imported }) => imported === opener),
  );
  return isOpened
    ? []
    : [{ at: 0, says: `A door opens the context of its service: ${opener} of ./context.ts.` }];
};

function isDoor(node: Node, camel: string, name: string): boolean {
  if (node.type !== "ExportNamedDeclaration" || node.declaration?.type !== "VariableDeclaration")
    return false;
  return node.declaration.declarations.some(({ id, init }) => {
    if (id.type !== "Identifier" || id.name !== camel || init?.type !== "CallExpression") return false;
    const [definition] = init.arguments;
    return (
      definition?.type === "ObjectExpression" &&
      definition.properties.some(
        (one) =>
          one.type === "Property" &&
          one.key.type === "Identifier" &&
          one.key.name === "name" &&
          one.value.type === "Literal" &&
          one.value.value === name,
      )
    );
  });
}

function exportedNames({ program }: SourceFile): string[] {
  return program.body.flatMap((node) => {
    if (node.type !== "ExportNamedDeclaration") return [];
    const { declaration } = node;
    if (declaration?.type === "FunctionDeclaration") return declaration.id ? [declaration.id.name] : [];
    if (declaration?.type !== "VariableDeclaration") return [];
    return declaration.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []));
  });
}

function camelOf(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
