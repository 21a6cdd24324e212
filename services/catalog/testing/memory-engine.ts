// A search engine in memory, that can be slow, fail, hang, forget and be wrong.
import { searchWords } from "../search.ts";
import type { SearchDocument, SearchEngine } from "../provider.ts";

interface Entry {
  readonly document: SearchDocument;
  readonly fields: readonly { readonly weight: number; readonly words: readonly string[] }[];
  /** When it was told of it, as a count of everything that was said. */
  readonly toldAt: number;
}

export class MemoryEngine implements SearchEngine {
  readonly #entries = new Map<string, Entry>();
  #time = 0;
  /** Of the next calls: nothing, an error, or no answer at all. */
  mood: "well" | "failing" | "hanging" = "well";
  /** Every call by name. */
  readonly calls: string[] = [];
  /** Runs before a batch is taken in. */
  beforeIndex: ((documents: readonly SearchDocument[]) => Promise<void>) | undefined;
  /** In place of what it would answer. */
  says: readonly string[] | undefined;

  get size(): number {
    return this.#entries.size;
  }

  forgetAll(): void {
    this.#entries.clear();
  }

  /** Something that the catalogue never told it. */
  dream(document: SearchDocument): void {
    this.#take(document);
  }

  async search({ text, categoryIds, limit }: Parameters<SearchEngine["search"]>[0]): Promise<string[]> {
    await this.#called("search");
    if (this.says) return [...this.says];
    const words = searchWords(text);
    const ranked = [...this.#entries.values()].flatMap(({ document, fields }) => {
      if (categoryIds && !document.categoryIds.some((id) => categoryIds.includes(id))) return [];
      const weights = words.map((word) =>
        Math.max(
          0,
          ...fields.map(({ weight, words: known }) =>
            known.some((one) => one.startsWith(word)) ? weight : 0,
          ),
        ),
      );
      if (words.length === 0 || weights.includes(0)) return [];
      return [{ id: document.id, weight: weights.reduce((sum, weight) => sum + weight, 0) }];
    });
    ranked.sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1));
    return ranked.slice(0, limit).map(({ id }) => id);
  }

  async index(documents: readonly SearchDocument[]): Promise<void> {
    await this.#called("index");
    await this.beforeIndex?.(documents);
    for (const document of documents) this.#take(document);
  }

  async remove(productIds: readonly string[]): Promise<void> {
    await this.#called("remove");
    for (const id of productIds) this.#entries.delete(id);
  }

  async mark(): Promise<string> {
    await this.#called("mark");
    return String((this.#time += 1));
  }

  async removeOlder(mark: string): Promise<void> {
    await this.#called("removeOlder");
    for (const [id, { toldAt }] of this.#entries) if (toldAt < Number(mark)) this.#entries.delete(id);
  }

  #take(document: SearchDocument): void {
    const { id, name, description, keywords, attributes, categories } = document;
    const fields = [
      { weight: 8, words: allWords(name) },
      { weight: 4, words: allWords(`${keywords} ${categories.join(" ")}`) },
      { weight: 2, words: allWords(JSON.stringify(attributes)) },
      { weight: 1, words: allWords(description) },
    ];
    this.#entries.set(id, { document, fields, toldAt: (this.#time += 1) });
  }

  async #called(name: string): Promise<void> {
    this.calls.push(name);
    if (this.mood === "failing") throw new Error("The engine has a bad day.");
    if (this.mood === "hanging") await new Promise<never>(() => undefined);
  }
}

function allWords(text: string): string[] {
  return text.split(/\s+/).flatMap((part) => searchWords(part));
}
