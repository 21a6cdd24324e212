import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { StoreFileRequestSchema } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { isReason } from "#platform/kit/errors.ts";
import { fileBytesMax } from "../provider.ts";
import { asAdmin, asCheckout, asCustomer, asNobody, testContext } from "../testing/catalog-context.ts";
import { getFile } from "./get-file.ts";
import { storeFile } from "./store-file.ts";

const ctx = await testContext();

const beginnings: { readonly [mediaType: string]: string } = {
  "image/png": "\x89PNG\r\n\x1a\n",
  "image/jpeg": "\xff\xd8\xff\xe0",
  "image/gif": "GIF89a",
  "image/webp": "RIFF\x10\0\0\0WEBPVP8L",
  "image/avif": "\0\0\0\x20ftypavif\0\0\0\0",
};

function pictureOf(mediaType: string, size = 100): Uint8Array {
  return Buffer.from((beginnings[mediaType] ?? "").padEnd(size, "\0"), "latin1");
}

const ask = (content: Uint8Array, mediaType: string, idempotencyKey = "") =>
  create(StoreFileRequestSchema, { content, mediaType, idempotencyKey });
const get = async (name: string) => await getFile(ctx, { name, $typeName: "stoa.catalog.v1.GetFileRequest" });

test("a picture of each kind is kept under the name of its bytes, and anybody gets it as it was", async () => {
  for (const mediaType of Object.keys(beginnings)) {
    const content = pictureOf(mediaType);
    const { file } = await storeFile(ctx, ask(content, mediaType), asAdmin);
    const hash = createHash("sha256").update(content).digest("hex");
    const ending = mediaType === "image/jpeg" ? "jpg" : mediaType.replace("image/", "");
    assert.equal(file?.name, `${hash}.${ending}`);
    assert.deepEqual([file?.mediaType, file?.size], [mediaType, 100n]);
    const kept = await get(file?.name ?? "");
    assert.equal(kept.mediaType, mediaType);
    assert.ok(Buffer.from(kept.content).equals(content));
  }
  const other = Buffer.from("\0\0\0\x20ftypmif1\0\0\0\0miafavif".padEnd(60, "\0"), "latin1");
  assert.match((await storeFile(ctx, ask(other, "image/avif"), asAdmin)).file?.name ?? "", /\.avif$/);
});

test("only an admin keeps files", async () => {
  for (const call of [asNobody, asCustomer, asCheckout])
    await assert.rejects(storeFile(ctx, ask(pictureOf("image/png", 77), "image/png"), call));
  const name = `${createHash("sha256").update(pictureOf("image/png", 77)).digest("hex")}.png`;
  await assert.rejects(get(name), (error) => isReason(error, "FILE_NOT_FOUND"));
});

test("what a file begins with decides what it is, not what anybody says; an SVG is no picture here", async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
  const wrong: [Uint8Array, string][] = [
    [pictureOf("image/png"), "image/jpeg"],
    [pictureOf("image/jpeg"), "image/png"],
    [pictureOf("image/png"), ""],
    [pictureOf("image/png"), "text/html"],
    [svg, "image/svg+xml"],
    [svg, "image/png"],
    [Buffer.from("<!doctype html>"), "image/gif"],
    [Buffer.from("RIFF\x10\0\0\0WAVEfmt ", "latin1"), "image/webp"],
    [Buffer.from("\0\0\0\x20ftypisom\0\0\0\0", "latin1"), "image/avif"],
    [new Uint8Array(), "image/png"],
    [Buffer.from("\x89PN", "latin1"), "image/png"],
  ];
  for (const [content, mediaType] of wrong)
    await assert.rejects(storeFile(ctx, ask(content, mediaType), asAdmin), (error) =>
      isReason(error, "FILE_TYPE_UNSUPPORTED"),
    );
});

test("a file may have 1 MiB and not a byte more", async () => {
  const largest = await storeFile(ctx, ask(pictureOf("image/png", fileBytesMax), "image/png"), asAdmin);
  assert.equal(largest.file?.size, BigInt(fileBytesMax));
  await assert.rejects(
    storeFile(ctx, ask(pictureOf("image/png", fileBytesMax + 1), "image/png"), asAdmin),
    (error) => isReason(error, "FILE_TOO_LARGE"),
  );
});

test("a key stands for one file; another file under it is refused before it is kept", async () => {
  const first = await storeFile(ctx, ask(pictureOf("image/gif", 50), "image/gif", "once"), asAdmin);
  const again = await storeFile(ctx, ask(pictureOf("image/gif", 50), "image/gif", "once"), asAdmin);
  assert.deepEqual(again.file?.name, first.file?.name);
  const other = pictureOf("image/gif", 51);
  await assert.rejects(storeFile(ctx, ask(other, "image/gif", "once"), asAdmin), (error) =>
    isReason(error, "IDEMPOTENCY_KEY_REUSED"),
  );
  const name = `${createHash("sha256").update(other).digest("hex")}.gif`;
  await assert.rejects(get(name), (error) => isReason(error, "FILE_NOT_FOUND"));
});

test("a store that is away is unavailable, not a bug, and uses up no key", async () => {
  const away = () => Promise.reject(new Error("connect ECONNREFUSED 10.0.0.1:9000"));
  const files = { put: away, get: away, remove: away, list: away };
  const without = { ...ctx, files };
  const request = ask(pictureOf("image/png", 60), "image/png", "tried");
  await assert.rejects(storeFile(without, request, asAdmin), (error) => isReason(error, "FILES_UNAVAILABLE"));
  await assert.rejects(
    getFile(without, { name: "x", $typeName: "stoa.catalog.v1.GetFileRequest" }),
    (error) => isReason(error, "FILES_UNAVAILABLE") && !error.publicMessage.includes("10.0.0.1"),
  );
  assert.equal((await storeFile(ctx, request, asAdmin)).file?.size, 60n);
});
