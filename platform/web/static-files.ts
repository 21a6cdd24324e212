import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

/** One file as it is sent. */
export interface StaticFile {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
  /** Brotli, made when it is first asked for. */
  readonly compressed: () => Buffer;
}

/** Every file of the folder by its path. They are few and small, and a look-up in a map cannot leave the folder. */
export interface StaticFiles {
  find(path: string): StaticFile | undefined;
  /** The address of a file, with its version: it may be kept for ever. */
  url(path: string): string;
}

const types: { readonly [extension: string]: string } = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
};

/** Reads the folder once, at start. `url` of a file that is not there throws: a page that names it is wrong. */
export async function loadStaticFiles(folder: URL): Promise<StaticFiles> {
  const names = await readdir(folder, { recursive: true });
  const files = new Map<string, StaticFile>();
  for (const name of names) {
    const path = name.replaceAll("\\", "/");
    const type = types[extname(path)];
    if (type !== undefined) files.set(path, staticFile(await readFile(new URL(path, folder)), type));
  }
  return {
    find: (path) => files.get(path),
    url: (path) => {
      const file = files.get(path);
      if (!file) throw new Error(`There is no static file ${path}.`);
      return `/static/${path}?v=${file.etag.slice(1, 11)}`;
    },
  };
}

function staticFile(bytes: Buffer, type: string): StaticFile {
  const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
  let compressed: Buffer | undefined;
  const compress = () => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } });
  return { bytes, type, etag, compressed: () => (compressed ??= compress()) };
}
