// Themes: folders that change how pages look and speak, without a change to the program.
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { definePoint } from "#platform/kit/extension.ts";
import type { Kit } from "#platform/kit/service.ts";
import { StartError } from "#platform/kit/start-error.ts";

/** Everything the themes of a shop bring. Of two with the same thing, the later one's counts. */
export interface Theme {
  /** Each with a slash at its end. */
  readonly folders: readonly URL[];
  /** Sheets for the last layer. */
  readonly sheets: readonly URL[];
  /** Folders of pictures and other files that go before those of the house. */
  readonly statics: readonly URL[];
  /** Paths of the files in them. */
  readonly files: readonly string[];
}

/** Themes that extensions bring, as folders: add(themes, new URL("./theme/", import.meta.url)). */
export const themes = definePoint<URL>("pages.themes");

/**
 * The folders in force, each with a slash at its end: those of extensions in the order of the shop file, then the shop's own. A
 * later one goes before an earlier, thing by thing: a custom property, a file, a text, a view.
 */
export function themesOf({ added, shop }: Pick<Kit<never, never>, "added" | "shop">): URL[] {
  const folders = [...added(themes), ...(shop.theme ? [shop.theme] : [])];
  return folders.map(({ href }) => new URL(href.replace(/\/*$/, "/")));
}

/** What a theme may hold; anything else in it is a typing error. */
const known = ["tokens.css", "static", "messages", "views", "README.md"];

/** Looks at the folders. Throws a StartError that says what is wrong with one. */
export async function openTheme(folders: readonly URL[]): Promise<Theme> {
  const parts = await Promise.all(folders.map(openFolder));
  return {
    folders,
    sheets: parts.flatMap(({ sheet }) => sheet ?? []),
    statics: parts.flatMap(({ files }) => files ?? []),
    files: (await Promise.all(parts.flatMap(({ files }) => (files ? [listFiles(files)] : [])))).flat(),
  };
}

async function openFolder(base: URL): Promise<{ sheet: URL | undefined; files: URL | undefined }> {
  const entries = await listEntries(base);
  const unknown = entries.find((name) => !name.startsWith(".") && !known.includes(name));
  if (unknown !== undefined)
    throw new StartError(
      `The theme ${pathOf(base)} holds ${unknown}, which no theme has. It may hold ${known.slice(0, 4).join(", ")}.`,
    );
  const sheet = entries.includes("tokens.css") ? new URL("./tokens.css", base) : undefined;
  if (sheet) await requireSheet(sheet);
  return { sheet, files: entries.includes("static") ? new URL("./static/", base) : undefined };
}

/**
 * The views of the house that the themes replace: `views/some-thing.ts` (or `.js`) exports a function `someThing`. Throws a
 * StartError for a view nobody shows, or a file without that function.
 */
export async function loadThemeViews<Views extends object>(
  { folders }: Pick<Theme, "folders">,
  house: Views,
): Promise<Partial<Views>> {
  const views: Partial<Views> = {};
  for (const base of folders) Object.assign(views, await viewsOf(new URL("./views/", base), house));
  return views;
}

async function viewsOf<Views extends object>(folder: URL, house: Views): Promise<Partial<Views>> {
  const views: Partial<Views> = {};
  for (const file of await readdir(folder).catch((): string[] => [])) {
    const base = /^([a-z][a-z0-9-]*)\.(ts|js|mjs)$/.exec(file)?.[1];
    if (base === undefined || file.endsWith(".d.ts")) continue;
    const name = base.replace(/-(\w)/g, (_dash, letter: string) => letter.toUpperCase());
    const path = pathOf(new URL(file, folder));
    if (!Object.hasOwn(house, name))
      throw new StartError(
        `${path} replaces the view ${name}, which does not exist. Views that can be replaced: ${Object.keys(house).join(", ")}.`,
      );
    const view = await importView(new URL(file, folder), name);
    if (typeof view !== "function")
      throw new StartError(`${path} must export a function ${name}; it replaces the view of that name.`);
    Object.assign(views, { [name]: view });
  }
  return views;
}

async function importView(url: URL, name: string): Promise<unknown> {
  try {
    const loaded = (await import(url.href)) as { readonly [name: string]: unknown };
    return loaded[name];
  } catch (cause) {
    throw new StartError(`${pathOf(url)} cannot be loaded: ${(cause as Error).message}`, { cause });
  }
}

/** A sheet that opens more blocks than it closes, or the reverse, would take the rest of the joined sheet with it. */
async function requireSheet(url: URL): Promise<void> {
  const css = (await readFile(url, "utf8")).replace(/\/\*[\s\S]*?\*\/|"[^"\n]*"|'[^'\n]*'/g, "");
  let depth = 0;
  for (const [bracket] of css.matchAll(/[{}]/g)) {
    depth += bracket === "{" ? 1 : -1;
    if (depth < 0) break;
  }
  if (depth !== 0)
    throw new StartError(`${pathOf(url)} is no sheet: its curly brackets do not match each other.`);
  if (/@import\b/.test(css))
    throw new StartError(`${pathOf(url)} imports another sheet; write everything into this one.`);
}

async function listEntries(base: URL): Promise<string[]> {
  try {
    return await readdir(base);
  } catch (cause) {
    throw new StartError(`The theme folder ${pathOf(base)} cannot be read. Name one that exists, or none.`, {
      cause,
    });
  }
}

async function listFiles(folder: URL): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.map((name) => name.replaceAll("\\", "/"));
}

function pathOf(url: URL): string {
  return fileURLToPath(url).replace(/\/$/, "");
}
