import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { insideBrackets, lineAt, parseSource } from "./source-file.ts";

const parse = (text: string) => parseSource("a.ts", text);

test("comments and strings are told from code, also where they contain each other", () => {
  const source = parse(`const a = "// no"; // yes "no"\nconst b = 'it\\'s'; /* "c" */`);
  assert.deepEqual(
    source.comments.map(({ text }) => text),
    ['// yes "no"', '/* "c" */'],
  );
  assert.deepEqual(
    source.strings.map(({ text }) => text),
    ["// no", "it\\'s"],
  );
});

test("the expressions of a template are code, also when templates and objects stand inside them", () => {
  const source = parse("const a = `x ${f({ b: `y ${c} z` })} // w` + d;");
  assert.match(source.code, /f\(\{ b: `.*\$\{c\}.*` \}\)/);
  assert.deepEqual(
    source.strings.map(({ text }) => text.trim()),
    ["x", "y", "z", "// w"],
  );
  assert.match(source.code, /\+ d;$/);
});

test("a quote or two slashes inside a regular expression begin nothing", () => {
  const source = parse(`const a = /["'\`]\\/\\/[/]/g.test(b) ? 1 / 2 : c / d; // yes`);
  assert.equal(source.comments.length, 1);
  assert.match(source.code, /g\.test\(b\) \? 1 \/ 2 : c \/ d;/);
});

test("blanking moves nothing: code is as long as the text and breaks at the same places", () => {
  const part = fc.constantFrom(
    "`",
    "${",
    "}",
    "{",
    '"',
    "'",
    "/",
    "*",
    "//",
    "/*",
    "*/",
    "\n",
    "\\",
    "a",
    "(",
    ")",
    " ",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      const text = parts.join("");
      const { code } = parse(text);
      assert.equal(code.length, text.length);
      assert.equal(code.split("\n").length, text.split("\n").length);
    }),
  );
});

test("imports are found with their specifier, wherever line breaks and other exports stand", () => {
  const text = `import "a";\nimport type {\n  B,\n} from "b";\nexport const x = 1;\nexport * as c from "c";\nconst d = await import(\n  "d"\n);\n`;
  assert.deepEqual(
    parse(text).imports.map(({ specifier, isReExport }) => [specifier, isReExport]),
    [
      ["a", false],
      ["b", false],
      ["c", true],
      ["d", false],
    ],
  );
});

test("brackets are matched by depth, and lines are counted from one", () => {
  assert.equal(insideBrackets("f(a(b), [c])(d)", 1), "a(b), [c]");
  assert.equal(lineAt("a\nb\nc", 4), 3);
  assert.equal(lineAt("a", 0), 1);
});
