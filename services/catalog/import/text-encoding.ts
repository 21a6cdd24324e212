import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { StartError } from "#platform/kit/start-error.ts";
import { byteLines } from "./text-lines.ts";

/** How the bytes of a file become text. */
export interface TextEncoding {
  /** A label of the Encoding Standard. */
  readonly name: string;
  /** What lines are read as that are no UTF-8; undefined where such lines are refused. */
  readonly otherwise: "windows-1252" | undefined;
  /** What a line ends with; CRLF ends with LF. */
  readonly lineEnd: "\n" | "\r";
}

const marks: readonly { readonly bytes: readonly number[]; readonly name: string }[] = [
  { bytes: [0xef, 0xbb, 0xbf], name: "utf-8" },
  { bytes: [0xff, 0xfe], name: "utf-16le" },
  { bytes: [0xfe, 0xff], name: "utf-16be" },
];

/**
 * Finds out what a file is written in: by its byte order mark; else UTF-8; else, when more of its lines with further letters are no UTF-8
 * than are, and these look like Western text, Windows-1252. Reads the file once.
 */
export async function encodingOf(path: string, wish: string | undefined): Promise<TextEncoding> {
  if (wish !== undefined) return { name: labelOf(wish), otherwise: undefined, lineEnd: "\n" };
  const mark = await markOf(path);
  if (mark !== undefined && mark !== "utf-8") return { name: mark, otherwise: undefined, lineEnd: "\n" };
  const seen = await linesSeen(path);
  const lineEnd = seen.hasLf || !seen.hasCr ? "\n" : "\r";
  const isWestern = mark === undefined && seen.wrong >= seen.right && seen.isWestern;
  return { name: "utf-8", otherwise: isWestern && seen.wrong > 0 ? "windows-1252" : undefined, lineEnd };
}

function labelOf(wish: string): string {
  try {
    return new TextDecoder(wish).encoding;
  } catch {
    throw new StartError(
      `There is no encoding "${wish}". Say utf-8, utf-16le, windows-1252 or another one that browsers know.`,
    );
  }
}

async function markOf(path: string): Promise<string | undefined> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(3), 0, 3, 0);
    const begin = buffer.subarray(0, bytesRead);
    const mark = marks.find(({ bytes }) => bytes.every((byte, index) => begin[index] === byte))?.name;
    if (mark !== undefined || begin.length < 2) return mark;
    // Without a mark, but its first letter is half nothing.
    return begin[1] === 0 ? "utf-16le" : begin[0] === 0 ? "utf-16be" : undefined;
  } finally {
    await file.close();
  }
}

/** Lines with bytes beyond ASCII: those that are UTF-8 and those that are not. */
async function linesSeen(path: string) {
  const seen = { right: 0, wrong: 0, isWestern: true, hasLf: false, hasCr: false };
  for await (const line of byteLines(createReadStream(path), "\n")) {
    seen.hasLf ||= line.at(-1) === 0x0a;
    seen.hasCr ||= line.includes(0x0d);
    if (isAscii(line)) continue;
    if (isUtf8(line)) seen.right += 1;
    else {
      seen.wrong += 1;
      seen.isWestern &&= isWestern(line);
    }
  }
  return seen;
}

function isAscii(line: Uint8Array): boolean {
  for (const byte of line) if (byte > 0x7f) return false;
  return true;
}

/** Bytes that mean nothing in Windows-1252. */
const meaningless = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);

/** Scripts of their own are written in runs of such bytes, Western words have one here and there. */
function isWestern(line: Uint8Array): boolean {
  let run = 0;
  for (const byte of line) {
    run = byte > 0x7f ? run + 1 : 0;
    if (run > 3 || meaningless.has(byte)) return false;
  }
  return true;
}
