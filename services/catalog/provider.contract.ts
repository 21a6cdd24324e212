// What every answer to the ports of the catalogue promises.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { it } from "node:test";
import { fileBytesMax, type FileStore, type KeptFile } from "./provider.ts";

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
