import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { StartError } from "#platform/kit/start-error.ts";
import { page } from "#platform/web/answer.ts";
import { html } from "#platform/web/html.ts";
import type { AdminPage, AdminRoom } from "./extension.ts";
import { openRooms, roomRoutes } from "./rooms.ts";

const folder = await mkdtemp(join(tmpdir(), "stoa-rooms-"));
after(async () => await rm(folder, { recursive: true }));
const messages = new URL(`${pathToFileURL(folder).href}/`);
await writeFile(join(folder, "en.json"), '{ "title": "Wishes", "none": "None yet." }');
await writeFile(join(folder, "de.json"), '{ "title": "Wünsche" }');

const house = [{ url: "/" }, { url: "/orders/:id" }, { url: "/login" }];
const show = (path: string, method: AdminPage["method"] = "GET"): AdminPage => ({
  method,
  path,
  page: () => page("Wishes", html`<p></p>`),
});
const routesOf = async (rooms: Partial<AdminRoom>[], locale = "en-US") => {
  const whole = rooms.map((room) => ({ name: "wishes", messages, pages: [show("/")], ...room }));
  return roomRoutes(await openRooms(whole, { locale, themes: [] }), house);
};

test("a room has its texts in the language of the shop, and its pages below its name", async () => {
  const pages = [show("/"), show("/", "POST"), show("/:id/note")];
  const [room] = await openRooms([{ name: "wishes", messages, pages }], { locale: "de-DE", themes: [] });
  assert.deepEqual([room?.words.text("title"), room?.words.text("none")], ["Wünsche", "None yet."]);
  assert.deepEqual(
    (await routesOf([{ pages }])).map(({ method, url }) => `${method} ${url}`),
    ["GET /wishes", "POST /wishes", "GET /wishes/:id/note"],
  );
});

const refused: [what: string, rooms: Partial<AdminRoom>[], says: RegExp][] = [
  ["a room that the house has", [{ name: "orders" }], /has \/admin\/orders already/],
  ["the folder of files", [{ name: "static" }], /has \/admin\/static already/],
  ["two rooms of one name", [{}, {}], /has \/admin\/wishes already/],
  ["a name that is no path", [{ name: "Wish List" }], /"Wish List" cannot name a room/],
  ["two pages of one path", [{ pages: [show("/:id"), show("/:name")] }], /cannot have GET \/:name/],
  ["a path that leads out of the room", [{ pages: [show("/../orders")] }], /cannot have GET \/\.\.\/orders/],
  ["a room without texts", [{ messages: new URL("none/", messages) }], /needs .*none\/en\.json/],
];
for (const [what, rooms, says] of refused)
  test(`${what} is refused at start, in a sentence`, async () => {
    await assert.rejects(routesOf(rooms), (error: unknown) => {
      assert.ok(error instanceof StartError, String(error));
      assert.match(error.message, says);
      return true;
    });
  });
