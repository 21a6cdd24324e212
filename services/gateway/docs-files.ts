// Files of the page at /docs: the renderer as its package brings it, and what is ours around it.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";
import type { HttpApp } from "#platform/http/server.ts";

interface DocsFile {
  readonly bytes: Buffer;
  readonly compressed: Buffer;
  readonly etag: string;
}

interface FileSource {
  readonly type: string;
  readonly parts: readonly (string | URL)[];
}

/** Not every image that knows this service also brings the renderer: it is looked for where the page is mounted. */
function fileSources(): { readonly [name: string]: FileSource } {
  const renderer = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  return {
    "swagger-ui-bundle.js": { type: "text/javascript", parts: [join(renderer, "swagger-ui-bundle.js")] },
    "swagger-ui.css": { type: "text/css", parts: [join(renderer, "swagger-ui.css")] },
    "docs.js": { type: "text/javascript", parts: [new URL("./docs/docs.js", import.meta.url)] },
    "docs.css": {
      type: "text/css",
      parts: [
        new URL("../../platform/web/styles/tokens.css", import.meta.url),
        new URL("./docs/docs.css", import.meta.url),
      ],
    },
  };
}

const kept = new Map<string, Promise<DocsFile>>();

/** They are large and seldom asked for: each is read and compressed when somebody wants it first. */
export function mountDocsFiles(app: HttpApp): void {
  for (const [name, { type, parts }] of Object.entries(fileSources()))
    app.get(`/docs/files/${name}`, { config: { precedence: "always" } }, async (request, reply) => {
      const reading = kept.get(name) ?? readParts(parts);
      kept.set(name, reading);
      const { bytes, compressed, etag } = await reading;
      reply.headers({ ...headers, etag }).type(`${type}; charset=utf-8`);
      if (request.headers["if-none-match"] === etag) return await reply.code(304).send();
      const takesBrotli = /\bbr\b(?!;q=0(\.0*)?(,|$))/.test(String(request.headers["accept-encoding"] ?? ""));
      if (!takesBrotli) return await reply.send(bytes);
      return await reply.header("content-encoding", "br").send(compressed);
    });
}

const headers = {
  "cache-control": "public, no-cache",
  vary: "accept-encoding",
  "x-content-type-options": "nosniff",
  "cross-origin-resource-policy": "same-origin",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
};

async function readParts(parts: readonly (string | URL)[]): Promise<DocsFile> {
  const bytes = Buffer.concat(await Promise.all(parts.map(async (part) => await readFile(part))));
  const params = { [constants.BROTLI_PARAM_QUALITY]: 5 };
  return {
    bytes,
    compressed: await promisify(brotliCompress)(bytes, { params }),
    etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
  };
}
