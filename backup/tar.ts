// Archives of files as POSIX describes them (ustar, with pax records for long names): what PostgreSQL's server sends, and what tar reads.
import type { Readable } from "node:stream";

const blockBytes = 512;

export interface TarEntry {
  readonly path: string;
  readonly kind: "file" | "folder" | "link";
  readonly bytes: number;
  readonly mode: number;
}

/** A damaged or foreign archive. */
export class TarFault extends Error {}

/** Reads an archive; `visit` gets each entry and reads its content, or leaves it. */
export async function readTar(
  source: Readable,
  visit: (entry: TarEntry, content: AsyncIterable<Buffer>) => Promise<void>,
): Promise<void> {
  const bytes = new ByteSource(source);
  let longPath: string | undefined;
  for (;;) {
    const head = await bytes.block();
    // Two blocks of zeros end it; PostgreSQL's server leaves them out of archives that it streams.
    if (head === undefined || head.every((byte) => byte === 0)) return await bytes.drain();
    requireChecksum(head);
    const size = octal(head, 124, 12);
    const kind = String.fromCharCode(head[156] ?? 0);
    if (kind === "x") {
      longPath = paxPath(await bytes.whole(size));
      continue;
    }
    const entry = entryOf(head, kind, size, longPath);
    longPath = undefined;
    const content = bytes.content(size);
    await visit(entry, content);
    for await (const rest of content) void rest;
    await bytes.skip(paddingOf(size));
  }
}

/** The bytes before a file's content. */
export function tarHead({ path, kind, bytes, mode }: TarEntry): Buffer {
  const name = kind === "folder" ? `${path}/` : path;
  if (Buffer.byteLength(name) <= 100) return ustarHead(name, kind === "folder" ? "5" : "0", bytes, mode);
  const record = paxRecord(name);
  return Buffer.concat([
    ustarHead("pax", "x", record.length, 0o600),
    record,
    tarPadding(record.length),
    ustarHead(name.slice(0, 40), kind === "folder" ? "5" : "0", bytes, mode),
  ]);
}

/** The bytes after a content of this length. */
export function tarPadding(bytes: number): Buffer {
  return Buffer.alloc(paddingOf(bytes));
}

/** Contents end at the end of a block. */
function paddingOf(bytes: number): number {
  return (blockBytes - (bytes % blockBytes)) % blockBytes;
}

/** The bytes after the last file. */
export const tarEnd: Buffer = Buffer.alloc(2 * blockBytes);

function entryOf(head: Buffer, kind: string, bytes: number, longPath: string | undefined): TarEntry {
  const prefix = text(head, 345, 155);
  const short = text(head, 0, 100);
  const path = (longPath ?? (prefix === "" ? short : `${prefix}/${short}`)).replace(/\/$/, "");
  if (path.startsWith("/") || path.split("/").includes(".."))
    throw new TarFault(`it holds a path that leads out of it (${path})`);
  const mode = octal(head, 100, 8);
  if (kind === "0" || kind === "\0") return { path, kind: "file", bytes, mode };
  if (kind === "5") return { path, kind: "folder", bytes: 0, mode };
  if (kind === "2") return { path, kind: "link", bytes: 0, mode };
  throw new TarFault(`it holds an entry of an unknown kind (${path})`);
}

function ustarHead(name: string, kind: string, bytes: number, mode: number): Buffer {
  const head = Buffer.alloc(blockBytes);
  head.write(name, 0, 100);
  head.write(mode.toString(8).padStart(7, "0"), 100);
  head.write("0000000", 108);
  head.write("0000000", 116);
  head.write(bytes.toString(8).padStart(11, "0"), 124);
  head.write("00000000000", 136);
  head.write("        ", 148);
  head.write(kind, 156);
  head.write("ustar\0" + "00", 257, "latin1");
  head.write(`${sumOf(head).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return head;
}

function requireChecksum(head: Buffer): void {
  const said = octal(head, 148, 8);
  const counted = Buffer.from(head);
  counted.fill(" ", 148, 156);
  if (said !== sumOf(counted)) throw new TarFault("it is no archive, or damaged");
}

function sumOf(head: Buffer): number {
  let sum = 0;
  for (const byte of head) sum += byte;
  return sum;
}

/** Numbers beyond what octal digits can hold are in base 256, as PostgreSQL and GNU tar write them. */
function octal(head: Buffer, at: number, length: number): number {
  if (((head[at] ?? 0) & 0x80) !== 0) return head.readUIntBE(at + length - 6, 6);
  return Number.parseInt(text(head, at, length).trim() || "0", 8);
}

function text(head: Buffer, at: number, length: number): string {
  const end = head.indexOf(0, at);
  return head.toString("utf8", at, end === -1 || end > at + length ? at + length : end);
}

function paxRecord(path: string): Buffer {
  const body = ` path=${path}\n`;
  let length = Buffer.byteLength(body);
  while (String(length).length + Buffer.byteLength(body) !== length)
    length = String(length).length + Buffer.byteLength(body);
  return Buffer.from(`${length}${body}`);
}

function paxPath(records: Buffer): string | undefined {
  return /^\d+ path=(.*)$/m.exec(records.toString("utf8"))?.[1];
}

/** Bytes in the portions that a reader asks for. */
class ByteSource {
  readonly #parts: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);

  constructor(source: Readable) {
    this.#parts = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** Undefined at the end. */
  async block(): Promise<Buffer | undefined> {
    if (this.#held.length === 0 && !(await this.#more())) return undefined;
    return await this.whole(blockBytes);
  }

  async whole(bytes: number): Promise<Buffer> {
    if (bytes > 1024 ** 2) throw new TarFault("it is no archive, or damaged");
    while (this.#held.length < bytes) if (!(await this.#more())) throw new TarFault("it is cut off");
    const taken = this.#held.subarray(0, bytes);
    this.#held = this.#held.subarray(bytes);
    return taken;
  }

  async *content(bytes: number): AsyncGenerator<Buffer> {
    let left = bytes;
    while (left > 0) {
      if (this.#held.length === 0 && !(await this.#more())) throw new TarFault("it is cut off");
      const part = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async skip(bytes: number): Promise<void> {
    if (bytes > 0) await this.whole(bytes);
  }

  async drain(): Promise<void> {
    while (await this.#more()) this.#held = Buffer.alloc(0);
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#parts.next();
    if (done === true) return false;
    this.#held = this.#held.length === 0 ? value : Buffer.concat([this.#held, value]);
    return true;
  }
}
