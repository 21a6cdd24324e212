import assert from "node:assert/strict";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { loadMessages, messagePlaces } from "./messages.ts";
import { StartError } from "./start-error.ts";

const english = {
  hello: "Hello {name}",
  things: "{count, plural, =0 {nothing} one {# thing} other {# things}}",
  plain: "Don''t",
  link: "Look <a>here, {name}</a>.",
  onlyEnglish: "{count, plural, one {# left} other {# left over}}",
};

const folder = await mkdtemp(join(tmpdir(), "stoa-messages-"));
after(async () => await rm(folder, { recursive: true }));
const at = (path: string) => pathToFileURL(join(folder, path));
const write = async (path: string, texts: object | string) => {
  await mkdir(join(folder, path, ".."), { recursive: true });
  await writeFile(join(folder, path), typeof texts === "string" ? texts : JSON.stringify(texts));
};
await write("house/de.json", {
  hello: "Hallo {name}",
  things: "{count, plural, one {# Ding} other {# Dinge}}",
});
await write("house/de-AT.json", { hello: "Servus {name}" });
await write("house/pl.json", {
  things: "{count, plural, one {# rzecz} few {# rzeczy} many {# rzeczy!} other {# rzeczy?}}",
});
await write("theme/messages/shop.en.json", { plain: "Never mind" });
await write("theme/messages/shop.de.json", { things: "{count, number} Stück" });

const load = async (locale: string, themes: URL[] = []) =>
  await loadMessages({ service: "shop", folder: at("house/"), english, locale, themes });

test("a text is taken from the language, the wider language, and at last from English, key by key", async () => {
  const austrian = await load("de-AT");
  assert.equal(austrian.locale, "de-AT");
  assert.equal(austrian.text("hello", { name: "Ada" }), "Servus Ada");
  assert.equal(austrian.text("things", { count: 1 }), "1 Ding");
  assert.equal(austrian.text("plain"), "Don't");
  assert.equal(austrian.text("onlyEnglish", { count: 2 }), "2 left over");
});

test("a language nothing is written in is English, and says so", async () => {
  const icelandic = await load("is-IS");
  assert.equal(icelandic.locale, "en");
  assert.equal(icelandic.text("hello", { name: "Ada" }), "Hello Ada");
  assert.equal((await load("en-GB")).locale, "en-GB");
});

test("plurals are those of the language, also of the second and the thousandth number", async () => {
  const polish = await load("pl");
  const said = [1, 2, 5, 22, 1.5].map((count) => polish.text("things", { count }));
  assert.deepEqual(said, ["1 rzecz", "2 rzeczy", "5 rzeczy!", "22 rzeczy", "1,5 rzeczy?"]);
  const messages = await load("en-US");
  for (let round = 0; round < 2; round += 1)
    for (let count = 0; count < 600; count += 1) {
      const expected = count === 0 ? "nothing" : count === 1 ? "1 thing" : `${count} things`;
      assert.equal(messages.text("things", { count }), expected);
    }
});

test("a theme's text goes before the house's of the same language, and no further", async () => {
  const themed = await load("de", [at("theme/")]);
  assert.equal(themed.text("things", { count: 1234 }), "1.234 Stück");
  assert.equal(themed.text("plain"), "Never mind");
  assert.equal(themed.text("hello", { name: "Ada" }), "Hallo Ada");
});

test("tags give their insides to whoever makes markup of them", async () => {
  const messages = await load("en-US");
  const made = messages.parts<{ tag: unknown }>("link", {
    name: "Ada",
    a: (inside) => ({ tag: inside[0] }),
  });
  assert.deepEqual(made, ["Look ", { tag: "here, Ada" }, "."]);
});

const broken: [what: string, texts: object | string, says: RegExp][] = [
  ["is not JSON", "{", /shop\.fr\.json is not JSON/],
  ["is no object of texts", { hello: { deep: "x" } }, /one JSON object of texts/],
  ["has a key nothing shows", { helo: "Salut" }, /has the text "helo", which nothing shows/],
  ["cannot be read", { hello: "Salut {name" }, /"hello" is not ICU MessageFormat/],
  ["has a place nothing fills", { hello: "Salut {nom}" }, /"hello" has a place \{nom\}, which nothing fills/],
];
for (const [what, texts, says] of broken)
  test(`a file that ${what} is refused at start, in a sentence`, async () => {
    await write("broken/messages/shop.fr.json", texts);
    await assert.rejects(load("fr", [at("broken/")]), (error: unknown) => {
      assert.ok(error instanceof StartError);
      assert.match(error.message, says);
      return true;
    });
  });

test("places are found in plurals, choices and tags", () => {
  const text = "{a, plural, one {{b}} other {<c>{d, number}</c>}} {e, select, x {{f}} other {}} '{g}'";
  assert.deepEqual(messagePlaces(text), ["a", "b", "c", "d", "e", "f"]);
});
