import assert from "node:assert/strict";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { StartError } from "#platform/kit/start-error.ts";
import { add, additionsAt, defineExtension, type Point } from "#platform/kit/extension.ts";
import { testShop } from "#platform/testing/services.ts";
import { loadThemeViews, openTheme, themes, themesOf } from "./theme.ts";

const house = { topLine: () => "house", bottomLine: () => "house" };

async function folderOf(files: { readonly [path: string]: string }): Promise<URL> {
  const folder = await mkdtemp(join(tmpdir(), "stoa-theme-"));
  after(async () => await rm(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return new URL(`${pathToFileURL(folder).href}/`);
}

const open = async (files: { readonly [path: string]: string }) => {
  const theme = await openTheme([await folderOf(files)]);
  return { theme, views: await loadThemeViews(theme, house) };
};

test("a theme tells of its sheet, its files and the views it replaces; every part may be missing", async () => {
  const { theme, views } = await open({
    "tokens.css": ':root { --brand: #123456; --quote: "}"; } /* } */',
    "static/img/logo.svg": "<svg/>",
    "views/top-line.ts": "export const topLine = (): string => 'theme';",
  });
  assert.ok(theme.sheets.length === 1 && theme.files.includes("img/logo.svg"));
  assert.equal(views.topLine?.(), "theme");
  assert.equal(views.bottomLine, undefined);
  const bare = await open({});
  assert.deepEqual([bare.theme.sheets, bare.theme.statics, bare.views], [[], [], {}]);
});

test("themes of extensions come in the order of the list, and the shop's own goes before all of them, thing by thing", async () => {
  const view = (text: string) => `export const topLine = (): string => "${text}";`;
  const [first, second, own] = [
    await folderOf({ "tokens.css": "", "views/top-line.ts": view("first") }),
    await folderOf({ "tokens.css": "", "views/top-line.ts": view("second"), "static/a.svg": "<svg/>" }),
    await folderOf({ "tokens.css": "" }),
  ];
  const extensions = [first, second].map((folder, index) =>
    defineExtension({ name: `look-${index}`, adds: [add(themes, folder)] }),
  );
  const added = <T>(point: Point<T>) => additionsAt(extensions, point);
  const folders = themesOf({ added, shop: testShop({ theme: new URL(own.href.replace(/\/$/, "")) }) });
  assert.deepEqual(folders, [first, second, own]);
  const theme = await openTheme(folders);
  assert.deepEqual(
    theme.sheets.map(({ href }) => href),
    folders.map(({ href }) => `${href}tokens.css`),
  );
  assert.deepEqual(theme.files, ["a.svg"]);
  const views = await loadThemeViews(theme, house);
  assert.equal(views.topLine?.(), "second");
  assert.deepEqual(themesOf({ added: () => [], shop: testShop() }), []);
});

const broken: [what: string, files: { readonly [path: string]: string }, says: RegExp][] = [
  ["holds what no theme has", { "token.css": "" }, /holds token\.css, which no theme has/],
  ["opens a block and leaves it open", { "tokens.css": ":root { --a: 1" }, /curly brackets do not match/],
  ["closes a block twice", { "tokens.css": ":root { } } .a {" }, /curly brackets do not match/],
  ["imports another sheet", { "tokens.css": "@import 'x.css';" }, /imports another sheet/],
  [
    "replaces a view that nobody shows",
    { "views/middle.ts": "" },
    /middle, which does not exist.*topLine, bottomLine/,
  ],
  [
    "has a view without its function",
    { "views/top-line.ts": "export const a = 1;" },
    /must export a function topLine/,
  ],
  ["has a view that cannot be loaded", { "views/top-line.ts": "import './none.ts';" }, /cannot be loaded/],
];
for (const [what, files, says] of broken)
  test(`a theme that ${what} is refused at start, in a sentence`, async () => {
    await assert.rejects(open(files), (error: unknown) => {
      assert.ok(error instanceof StartError, String(error));
      assert.match(error.message, says);
      return true;
    });
  });

test("a folder that is not there is refused too", async () => {
  await assert.rejects(openTheme([pathToFileURL("/nowhere/at/all/")]), /cannot be read/);
});
