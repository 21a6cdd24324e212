import assert from "node:assert/strict";
import { test } from "node:test";
import { isMemberOf, lineAt, memberName, parseSource } from "./source-file.ts";

const parse = (text: string) => parseSource("a.ts", text);
const textsOf = (pieces: { text: string }[]) => pieces.map(({ text }) => text);

test("comments and strings are told from code, also where they contain each other", () => {
  const source = parse(
    `const a = "// no"; // yes "no"\nconst b = 'it\\'s'; /* "c" */ const d = /["'\`]\\/\\//g;`,
  );
  assert.deepEqual(textsOf(source.comments), ['// yes "no"', '/* "c" */']);
  assert.deepEqual(textsOf(source.strings), ["// no", "it's", "[\"'`]\\/\\/"]);
});

test("a template is one text with a mark where a value stands; what stands there is code with texts of its own", () => {
  const source = parse("const a = `x ${f({ b: `y ${c} z` })} // w` + d;");
  assert.deepEqual(textsOf(source.strings), ["x ? // w", "y ? z"]);
  assert.deepEqual(textsOf(source.comments), []);
});

test("imports are found with their specifier and names, however they are written", () => {
  const text = `import "a";
import type { B, b as c } from "b";
import * as d from "d";
export const x = 1;
export * as e from "e";
export { f } from "f";
const g = await import("g");
type H = import("h").H;
import i = require("i");
const j = require(\`j\`);
const k = "import l from 'l'";
`;
  const { imports } = parse(text);
  assert.deepEqual(
    imports.map(({ specifier }) => specifier),
    ["a", "b", "d", "e", "f", "g", "h", "i", "j"],
  );
  assert.deepEqual(imports[1]?.names, [
    { imported: "B", local: "B" },
    { imported: "b", local: "c" },
  ]);
  assert.deepEqual(
    imports.filter(({ isReExport }) => isReExport).map(({ specifier, isStar }) => [specifier, isStar]),
    [
      ["e", true],
      ["f", false],
    ],
  );
});

test("a member has the same name however it is reached, and none when it is computed", () => {
  for (const text of ["Date.now", 'Date["now"]', "Date?.now"]) {
    const { nodes } = parse(text);
    assert.ok(
      nodes.some((node) => isMemberOf(node, "Date", "now")),
      text,
    );
  }
  assert.ok(parse("Date[now]").nodes.every((node) => memberName(node) === undefined));
});

test("a file that cannot be parsed is refused by name, and lines are counted from one", () => {
  assert.throws(() => parse("const = 1;"), /a\.ts cannot be parsed/);
  assert.deepEqual([lineAt("a\nb", 0), lineAt("a\nb", 2)], [1, 2]);
});
