import { readFile } from "node:fs/promises";

/** The one sheet of a site: what all sites share, what its pages add, and what themes say last. */
export interface Sheet {
  /** Its path among the static files. */
  readonly path: string;
  /** Files of the site's own, the first first. */
  readonly pages: readonly URL[];
  /** A later one wins over an earlier. */
  readonly themes: readonly URL[];
}

/** Later layers win, however specific the selectors of earlier ones are. */
const layers = ["tokens", "base", "controls", "page", "theme"] as const;

/** Reads the files of all layers and joins them; each file holds plain rules and is put into its layer here. */
export async function joinSheet({ pages, themes }: Sheet): Promise<string> {
  const shared = (name: string) => new URL(`./styles/${name}.css`, import.meta.url);
  const sources = {
    tokens: [shared("tokens")],
    base: [shared("base")],
    controls: [shared("controls"), shared("content"), shared("tables"), shared("figures")],
    page: pages,
    theme: themes,
  };
  const parts = [`@layer ${layers.join(", ")};\n`];
  for (const layer of layers) {
    const texts = await Promise.all(sources[layer].map((source) => readFile(source, "utf8")));
    if (texts.length > 0) parts.push(`@layer ${layer} {\n${texts.join("\n")}}\n`);
  }
  return parts.join("\n");
}
