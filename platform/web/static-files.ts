import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import type { BytesAnswer } from "./answer.ts";
import { joinSheet, type Sheet } from "./sheet.ts";
import type { PageRequest } from "./page-request.ts";

/** One file as it is sent. */
export interface StaticFile {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
  /** Brotli, made when it is first asked for. */
  readonly compressed: () => Buffer;
}

/** Every file of a site by its path. They are few and small, and a look-up in a map cannot leave the folders. */
export interface StaticFiles {
  find(path: string): StaticFile | undefined;
  /** The address of a file, with its version: it may be kept for ever. */
  url(path: string): string;
  /** The colour of the paper, for browsers that colour their frame after a page. */
  readonly themeColor: string;
  /** The answer to a request for the file; undefined when there is none. */
  answer(request: PageRequest, path: string): BytesAnswer | undefined;
}

export interface StaticOptions {
  /** Where the files are answered, with a slash at its end: "/static/". */
  readonly base: string;
  /** Folders of files; of two files with one path the later folder's counts. */
  readonly folders: readonly URL[];
  /** The one sheet of the site, joined from its layers. */
  readonly sheet: Sheet;
}

const types: { readonly [extension: string]: string } = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
};

/** Reads everything once, at start. `url` of a file that is not there throws: a page that names it is wrong. */
export async function loadStaticFiles({ base, folders, sheet }: StaticOptions): Promise<StaticFiles> {
  const files = new Map<string, StaticFile>();
  const own = new URL("./static/", import.meta.url);
  for (const folder of [own, ...folders]) {
    for (const name of await readdir(folder, { recursive: true })) {
      const path = name.replaceAll("\\", "/");
      const type = types[extname(path)];
      if (type !== undefined) files.set(path, staticFile(await readFile(new URL(path, folder)), type));
    }
  }
  const css = await joinSheet(sheet);
  files.set(sheet.path, staticFile(Buffer.from(css), "text/css; charset=utf-8"));
  const find = (path: string) => files.get(path);
  return {
    find,
    themeColor: [...css.matchAll(/--paper:\s*([^;}]+?)\s*[;}]/g)].at(-1)?.[1] ?? "#ffffff",
    url: (path) => {
      const file = find(path);
      if (!file) throw new Error(`There is no static file ${path}.`);
      return `${base}${path}?v=${versionOf(file)}`;
    },
    answer: (request, path) => {
      const file = find(path);
      return file && fileAnswer(request, file);
    },
  };
}

function staticFile(bytes: Buffer, type: string): StaticFile {
  const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
  let compressed: Buffer | undefined;
  const compress = () => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } });
  return { bytes, type, etag, compressed: () => (compressed ??= compress()) };
}

function versionOf({ etag }: StaticFile): string {
  return etag.slice(1, 11);
}

/** An address with the right version may be kept for ever, any other one for an hour. */
function fileAnswer(request: PageRequest, file: StaticFile): BytesAnswer {
  const isVersioned = request.query.get("v") === versionOf(file);
  const headers: Record<string, string> = {
    etag: file.etag,
    "cache-control": isVersioned ? "public, max-age=31536000, immutable" : "public, max-age=3600",
    vary: "accept-encoding",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  };
  const known = (request.headers["if-none-match"] ?? "")
    .split(",")
    .map((tag) => tag.trim().replace(/^W\//, ""));
  if (known.includes(file.etag) || known.includes("*"))
    return { kind: "bytes", type: file.type, body: "", status: 304, headers };
  return { kind: "bytes", type: file.type, ...encoded(request, file, headers) };
}

function encoded(request: PageRequest, file: StaticFile, headers: Record<string, string>) {
  const isText = /^text\/|svg/.test(file.type);
  const accepted = request.headers["accept-encoding"];
  if (!isText || !/\bbr\b(?!;q=0(\.0*)?(,|$))/.test(typeof accepted === "string" ? accepted : ""))
    return { body: file.bytes, headers };
  return { body: file.compressed(), headers: { ...headers, "content-encoding": "br" } };
}
