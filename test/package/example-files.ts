// The files of extensions/example as a project of its own has them: they import the package instead of folders of the repository.
import { posix } from "node:path";

/** The text of a file of the example, as it stands in `extensions/<any name>/` of a project. */
export function asInProject(path: string, text: string): string {
  return text.replaceAll(/(?<=(?:from|import\()\s?")[^"]+(?=")/g, (specifier) =>
    specifierIn(path, specifier),
  );
}

function specifierIn(path: string, specifier: string): string {
  const platform = /^#platform\/(.+)\.ts$/.exec(specifier)?.[1];
  if (platform !== undefined) return `stoa/${platform}`;
  if (specifier.startsWith("#gen/stoa/")) return `stoa/gen/${specifier.slice("#gen/".length)}`;
  const gen = /^#gen\/(.+)$/.exec(specifier)?.[1];
  if (gen !== undefined) return relativeTo(path, `gen/${gen}`);
  const point = /^\.\.\/\.\.\/services\/([^/]+)\/extension\.ts$/.exec(specifier)?.[1];
  if (point !== undefined) return `stoa/${point}/extension`;
  // The one file that is another thing there: the shop of the project lists the extension itself.
  return specifier === "./testing/gift-shop.ts" ? "../../shop.ts" : specifier;
}

function relativeTo(path: string, target: string): string {
  const between = posix.relative(posix.dirname(path), target);
  return between.startsWith(".") ? between : `./${between}`;
}
