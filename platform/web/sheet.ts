import { readFile } from "node:fs/promises";

/** The one sheet of a site: what all sites share, what its pages add, and what themes say last. */
export interface Sheet {
  /** Its path among the static files. */
  readonly path: string;
  readonly page: URL;
  /** A later one wins over an earlier. */
  readonly themes: readonly URL[];
}

/** Later layers win, however specific the selectors of earlier ones are. */
const layers = ["tokens", "base", "controls", "page", "theme"] as const;

/** Reads the files of all layers and joins them; each file holds plain rules and is put into its layer here. */
export async function joinSheet({ page, themes }: Sheet): Promise<string> {
  const shared = (name: string) => new URL(`./styles/${name}.css`, import.meta.url);
  const sources = {
    tokens: [shared("tokens")],
    base: [shared("base")],
    controls: [shared("controls")],
    page: [page],
    theme: themes,
  };
  const parts = [`@layer ${layers.join(", ")};\n`];
  for (const layer of layers) {
    for (const source of sources[layer])
      parts.push(`@layer ${layer} {\n${await readFile(source, "utf8")}}\n`);
  }
  return parts.join("\n");
}
