import assert from "node:assert/strict";
import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { Fastify } from "#platform/http/fastify.ts";
import { PageRequest } from "./page-request.ts";
import { loadStaticFiles } from "./static-files.ts";

const folder = await mkdtemp(join(tmpdir(), "stoa-static-"));
after(async () => await rm(folder, { recursive: true }));
for (const name of ["house", "theme"]) await mkdir(join(folder, name));
await writeFile(join(folder, "house/site.css"), ".a { color: red }\n");
await writeFile(join(folder, "house/mark.svg"), "<svg>house</svg>");
await writeFile(join(folder, "house/notes.txt"), "of no known type");
await writeFile(join(folder, "theme/mark.svg"), "<svg>theme</svg>");
await writeFile(join(folder, "theme.css"), ":root { --brand: #123456 }\n");
const at = (path: string) => pathToFileURL(join(folder, path));
const files = await loadStaticFiles({
  base: "/files/",
  folders: [at("house/"), at("theme/")],
  sheet: { path: "site.css", pages: [at("house/site.css")], themes: [at("theme.css")] },
});

async function ask(url: string, headers: Record<string, string> = {}) {
  const app = Fastify();
  app.get("/files/*", (request, reply) => {
    const asked = new PageRequest(request, { isSecure: false, hosts: [] });
    const answer = files.answer(asked, asked.params["*"] ?? "");
    if (!answer) return reply.code(404).send();
    return reply
      .code(answer.status ?? 200)
      .headers(answer.headers ?? {})
      .type(answer.type)
      .send(answer.body);
  });
  return await app.inject({ url, headers });
}

test("the sheet is one file: layers in their order, the theme last", () => {
  const sheet = files.find("site.css")?.bytes.toString() ?? "";
  assert.ok(sheet.startsWith("@layer tokens, base, controls, page, theme;\n"));
  const found = [...sheet.matchAll(/^@layer (\w+) \{/gm)].map(([, name]) => name);
  assert.deepEqual(found, ["tokens", "base", "controls", "page", "theme"]);
  assert.match(sheet, /@layer page \{\n\.a \{ color: red \}\n\}/);
  assert.match(sheet, /@layer theme \{\n:root \{ --brand: #123456 \}\n\}/);
});

test("an address with its version is kept for ever, another one for an hour; a known file is not sent again", async () => {
  const versioned = await ask(files.url("site.css"));
  assert.equal(versioned.headers["cache-control"], "public, max-age=31536000, immutable");
  const plain = await ask("/files/site.css?v=old");
  assert.equal(plain.headers["cache-control"], "public, max-age=3600");
  const etag = String(plain.headers["etag"]);
  const known = await ask("/files/site.css", { "if-none-match": `W/${etag}` });
  assert.deepEqual([known.statusCode, known.body], [304, ""]);
  const packed = await ask("/files/site.css", { "accept-encoding": "gzip, br" });
  assert.equal(packed.headers["content-encoding"], "br");
});

test("the later folder's file counts; what is of no known type or elsewhere is not there", async () => {
  assert.equal((await ask("/files/mark.svg")).body, "<svg>theme</svg>");
  assert.ok(files.find("live.js"), "what all sites share is there too");
  for (const path of ["notes.txt", "../theme.css", "%2e%2e/theme.css", "tokens.css"])
    assert.equal((await ask(`/files/${path}`)).statusCode, 404, path);
  assert.throws(() => files.url("none.svg"), /There is no static file none\.svg/);
});
