// What every answer to the ports of the catalogue promises.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { it } from "node:test";
import { newId } from "#platform/kit/ids.ts";
import {
  fileBytesMax,
  type FileStore,
  type KeptFile,
  type SearchDocument,
  type SearchEngine,
} from "./provider.ts";

/** A store of files with nothing in it, and the way to another opening of the same one, as a second process would have it. */
export interface OpenFileStore {
  readonly store: FileStore;
  readonly again: () => Promise<FileStore> | FileStore;
}

/** A file of so many bytes; of the same seed it is the same file. */
function pictureOf(size: number, seed = randomBytes(16)): KeptFile {
  const content = Buffer.alloc(size, seed);
  const hash = createHash("sha256").update(content).digest("hex");
  return { name: `${hash}.png`, mediaType: "image/png", content };
}

function same(found: KeptFile | undefined, { name, mediaType, content }: KeptFile): void {
  assert.deepEqual([found?.name, found?.mediaType], [name, mediaType]);
  assert.ok(found && Buffer.from(content).equals(found.content), `${name} has other bytes`);
}

/** Runs the suite over one implementation; `open` makes an empty one each time, as a shop would. */
export function fileStoreContract(name: string, open: () => Promise<OpenFileStore>): void {
  it(`${name}: a file is got as it was put, by every opening, from one byte to the largest`, async () => {
    const { store, again } = await open();
    const files = [pictureOf(1), pictureOf(70_000), pictureOf(fileBytesMax)];
    for (const file of files) await store.put(file);
    for (const opened of [store, await again()])
      for (const file of files) same(await opened.get(file.name), file);
    for (const [mediaType, ending] of [
      ["image/jpeg", "jpg"],
      ["image/webp", "webp"],
      ["image/avif", "avif"],
      ["image/gif", "gif"],
    ] as const) {
      const file = { ...pictureOf(10), mediaType };
      const named = { ...file, name: file.name.replace("png", ending) };
      await store.put(named);
      same(await store.get(named.name), named);
    }
  });

  it(`${name}: what is not there is undefined; a file that was removed is not there, and may be removed again`, async () => {
    const { store } = await open();
    const [file, other] = [pictureOf(100), pictureOf(101)];
    assert.equal(await store.get(file.name), undefined);
    await store.remove(file.name);
    for (const one of [file, other]) await store.put(one);
    for (const _ of [1, 2]) await store.remove(file.name);
    assert.equal(await store.get(file.name), undefined);
    same(await store.get(other.name), other);
    await store.put(file);
    same(await store.get(file.name), file);
  });

  it(`${name}: a file that is put again, and twenty times at once, is there once`, async () => {
    const { store, again } = await open();
    const file = pictureOf(5_000);
    await store.put(file);
    const second = await again();
    const twin = pictureOf(200_000);
    const puts = Array.from({ length: 20 }, async (_, place) => await (place % 2 ? store : second).put(twin));
    await Promise.all([store.put(file), ...puts]);
    assert.deepEqual(
      new Set(await store.list("", 10)),
      new Set([file, twin].map(({ name: put, content }) => ({ name: put, size: content.length }))),
    );
    same(await store.get(twin.name), twin);
  });

  it(`${name}: while a file is put, others see all of it or nothing`, async () => {
    const { store, again } = await open();
    const reader = await again();
    for (let round = 0; round < 10; round += 1) {
      const file = pictureOf(fileBytesMax);
      const writing = { isDone: false };
      const put = store.put(file).finally(() => (writing.isDone = true));
      while (!writing.isDone) {
        const found = await reader.get(file.name);
        if (found) same(found, file);
        for (const { name: listed, size } of await reader.list("", 100))
          if (listed === file.name) assert.equal(size, fileBytesMax);
      }
      await put;
      same(await reader.get(file.name), file);
    }
  });

  it(`${name}: pages of the list follow each other in the order of names, without gap or repeat`, async () => {
    const { store } = await open();
    assert.deepEqual(await store.list("", 10), []);
    const files = Array.from({ length: 23 }, (_, place) => pictureOf(place + 1));
    for (const file of files) await store.put(file);
    const listed: { name: string; size: number }[] = [];
    const pages: number[] = [];
    for (;;) {
      const page = await store.list(listed.at(-1)?.name ?? "", 5);
      listed.push(...page);
      pages.push(page.length);
      if (page.length < 5) break;
    }
    assert.deepEqual(pages, [5, 5, 5, 5, 3]);
    const expected = files.map(({ name: put, content }) => ({ name: put, size: content.length }));
    assert.deepEqual(
      listed.map(({ name: put, size }) => ({ name: put, size })),
      expected.sort((a, b) => (a.name < b.name ? -1 : 1)),
    );
  });

  it(`${name}: what is no name leads nowhere, whatever it would lead to elsewhere`, async () => {
    const { store } = await open();
    const file = pictureOf(100);
    await store.put(file);
    const wrong = [
      "",
      ".",
      "..",
      // Names of nothing anywhere: a store that is wrong must not do harm here.
      "../../stoa-no-such-folder/no-such-file",
      "/stoa-no-such-folder/no-such-file",
      `../${file.name}`,
      `${file.name.slice(0, 2)}/${file.name}`,
      `./${file.name}`,
      `${file.name}\0`,
      `${file.name}/`,
      file.name.toUpperCase(),
      file.name.replace(".png", ""),
      file.name.replace(".png", ".svg"),
      file.name.replace(".png", ".html"),
      `%2e%2e%2f${file.name}`,
      `..\\${file.name}`,
      `${file.name}\n`,
    ];
    for (const wrongName of wrong) {
      await assert.rejects(async () => await store.put({ ...file, name: wrongName }), `put ${wrongName}`);
      assert.equal(await store.get(wrongName), undefined, `get ${wrongName}`);
      await store.remove(wrongName);
    }
    assert.deepEqual(
      (await store.list("", 100)).map(({ name: listed }) => listed),
      [file.name],
    );
  });

  it(`${name}: what is too large, empty, or not of the type of its name is refused, and nothing of it is kept`, async () => {
    const { store } = await open();
    for (const file of [
      pictureOf(fileBytesMax + 1),
      { ...pictureOf(1), content: new Uint8Array() },
      { ...pictureOf(10), mediaType: "image/jpeg" },
      { ...pictureOf(10), mediaType: "text/html" },
    ]) {
      await assert.rejects(async () => await store.put(file));
      assert.equal(await store.get(file.name), undefined);
    }
    assert.deepEqual(await store.list("", 10), []);
  });
}

/** What finds products, with nothing in it; `settled` resolves when all that it was told can be found. */
export interface OpenFinder<Finder = Pick<SearchEngine, "search" | "index" | "remove">> {
  readonly finder: Finder;
  readonly settled: () => Promise<void>;
}

const untilNever = new AbortController().signal;

function documentOf(name: string, changes: Partial<SearchDocument> = {}): SearchDocument {
  const [categories, categoryIds] = [["things"], ["0190d000-0000-7000-8000-000000000001"]];
  const rest = { description: "", keywords: "", attributes: {}, categories, categoryIds };
  return { id: newId(), name, ...rest, ...changes };
}

/** Runs the part of the suite that is about finding; the house's own search passes it too. */
export function findingContract(name: string, open: () => Promise<OpenFinder>): void {
  const opened = async (...documents: SearchDocument[]) => {
    const { finder, settled } = await open();
    await finder.index(documents);
    await settled();
    const find = async (text: string, more: { limit?: number; categoryIds?: string[] } = {}) =>
      await finder.search({ text, limit: 50, ...more }, untilNever);
    return { finder, settled, find };
  };

  it(`${name}: every word must occur, in any field, in any case; the beginning of a word will do`, async () => {
    const lamp = documentOf("Zephyr Lamp", { keywords: "ZL-77 brass", attributes: { shade: "linen" } });
    const desk = documentOf("Zephyr Desk", { description: "A table with room for a lantern." });
    const { find } = await opened(lamp, desk);
    for (const text of ["zephyr lamp", "LAMP zephyr", "zephyr brass", "linen lamp", "zeph lam"])
      assert.deepEqual(await find(text), [lamp.id], text);
    for (const text of ["desk lantern", "zephyr desk"]) assert.deepEqual(await find(text), [desk.id], text);
    assert.deepEqual(new Set(await find("zephyr")), new Set([lamp.id, desk.id]));
    for (const text of ["zephyr xylophone", "xylophone"]) assert.deepEqual(await find(text), [], text);
  });

  it(`${name}: a word in the name comes before the same word in the description, and the order stays`, async () => {
    const told = documentOf("Quiet Thing", { description: "Goes with every kettle." });
    const named = documentOf("Kettle");
    const { find } = await opened(told, named);
    for (const _ of [1, 2, 3]) assert.deepEqual(await find("kettle"), [named.id, told.id]);
  });

  it(`${name}: what it is told last counts, and what is removed is not found`, async () => {
    const [first, other] = [documentOf("Umbrella Stand"), documentOf("Umbrella")];
    const { finder, settled, find } = await opened(first, other);
    await finder.index([{ ...first, name: "Coat Rack" }]);
    for (const _ of [1, 2]) await finder.remove([other.id, newId()]);
    await settled();
    assert.deepEqual(await find("umbrella"), []);
    assert.deepEqual(await find("coat"), [first.id]);
  });

  it(`${name}: not more are found than were asked for, the best of them, none twice`, async () => {
    const all = Array.from({ length: 12 }, (_, place) =>
      documentOf(place === 7 ? "Basket" : `Number ${place}`, { description: place === 7 ? "" : "A basket." }),
    );
    const { finder, settled, find } = await opened(...all);
    await finder.index(all);
    await settled();
    const found = await find("basket");
    assert.equal(found.length, 12);
    assert.equal(new Set(found).size, 12);
    assert.deepEqual(await find("basket", { limit: 5 }), found.slice(0, 5));
    assert.equal(found[0], all[7]?.id);
  });

  it(`${name}: only products of the wanted categories are found`, async () => {
    const [garden, kitchen] = [
      "0190d000-0000-7000-8000-000000000002",
      "0190d000-0000-7000-8000-000000000003",
    ];
    const inGarden = documentOf("Green Bowl", { categories: ["garden"], categoryIds: [garden] });
    const inBoth = documentOf("Blue Bowl", {
      categories: ["kitchen", "garden"],
      categoryIds: [kitchen, garden],
    });
    const { find } = await opened(inGarden, inBoth);
    assert.deepEqual(await find("bowl", { categoryIds: [kitchen] }), [inBoth.id]);
    const both = new Set([inGarden.id, inBoth.id]);
    assert.deepEqual(new Set(await find("bowl", { categoryIds: [garden] })), both);
    assert.deepEqual(new Set(await find("bowl", { categoryIds: [kitchen, garden] })), both);
    assert.deepEqual(new Set(await find("bowl")), both);
  });

  it(`${name}: no text makes it fail, whatever it would mean in a language for searches`, async () => {
    const { find } = await opened(documentOf("Plain Jar"));
    for (const text of [
      "a' or 1=1 --",
      'un"quoted',
      "name:(jar) AND NOT *",
      "İstanbul ŞIŞ",
      "日本語 x",
      "😀 y",
      "x".repeat(200),
      Array.from({ length: 100 }, () => "x").join(" "),
      "\u0000x",
    ])
      assert.deepEqual(await find(text), [], text);
    for (const text of ["jar!?", "\\jar\\", "jar:* & !plain | (", '"jar plain"', "-jar +plain"])
      assert.equal((await find(text)).length, 1, text);
  });
}

/** Runs the whole suite over an engine; `open` makes an empty one each time. */
export function searchEngineContract(name: string, open: () => Promise<OpenFinder<SearchEngine>>): void {
  findingContract(name, open);

  it(`${name}: a product that was removed and is told of again is found`, async () => {
    const { finder, settled } = await open();
    const document = documentOf("Phoenix");
    await finder.index([document]);
    await finder.remove([document.id]);
    await finder.index([document]);
    await settled();
    assert.deepEqual(await finder.search({ text: "phoenix", limit: 5 }, untilNever), [document.id]);
  });

  it(`${name}: what it was not told of since a mark can be forgotten, and nothing else`, async () => {
    const { finder, settled } = await open();
    const [old, kept, fresh] = [documentOf("Old Clock"), documentOf("Kept Clock"), documentOf("Fresh Clock")];
    await finder.index([old, kept]);
    await settled();
    const mark = await finder.mark();
    await finder.index([fresh]);
    await finder.index([kept]);
    await settled();
    for (const _ of [1, 2]) await finder.removeOlder(mark);
    await settled();
    const found = await finder.search({ text: "clock", limit: 5 }, untilNever);
    assert.deepEqual(new Set(found), new Set([kept.id, fresh.id]));
    await finder.removeOlder(await finder.mark());
    await settled();
    assert.deepEqual(await finder.search({ text: "clock", limit: 5 }, untilNever), []);
  });

  it(`${name}: five hundred products at once, and twice at once, are each there once`, async () => {
    const { finder, settled } = await open();
    const documents = Array.from({ length: 500 }, (_, place) => documentOf(`Pebble ${place}`));
    await Promise.all([finder.index(documents), finder.index(documents)]);
    await settled();
    const found = await finder.search({ text: "pebble", limit: 1_000 }, untilNever);
    assert.deepEqual(new Set(found), new Set(documents.map(({ id }) => id)));
    assert.equal(found.length, 500);
  });
}
