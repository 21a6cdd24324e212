import assert from "node:assert/strict";
import { test } from "node:test";
import { defineShop } from "#platform/kit/shop-file.ts";
import { gifts } from "../extensions/example/entry.ts";
import { shop } from "../shop.ts";
import { constellationOf } from "./constellation.ts";

test("a service that an extension brings is drawn like any other: who calls it, what it hears, where it stands", async () => {
  const services = await constellationOf(
    defineShop({ ...shop.choices, extensions: [...shop.extensions, gifts] }),
  );
  const names = services.map(({ name }) => name);
  assert.ok(names.indexOf("gifts") > names.indexOf("checkout"));
  assert.ok(names.indexOf("gifts") < names.indexOf("gateway"));
  const linksOf = (from: string) =>
    services
      .find(({ name }) => name === from)
      ?.connections.filter(({ to }) => to === "gifts")
      .flatMap((connection) => connection.for);
  assert.deepEqual(linksOf("gateway"), ["calls"]);
  assert.deepEqual(linksOf("order"), ["events"]);
  assert.deepEqual(linksOf("user"), ["events"]);
  assert.deepEqual(linksOf("cart"), []);
  const own = services.find(({ name }) => name === "gifts");
  assert.deepEqual(
    [own?.database, own?.emits, own?.hears, own?.isEdge, own?.connections.map(({ to }) => to)],
    ["gifts_db", ["gift-note.attached"], ["order.placed", "user.erased"], false, ["user"]],
  );
});
