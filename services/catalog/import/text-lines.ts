import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import type { TextEncoding } from "./text-encoding.ts";

/** One line of a file, without its end. */
export interface TextLine {
  readonly number: number;
  readonly text: string;
  /** What it ended with; "" for the last one of a file that ends without. */
  readonly end: string;
  /** Why it cannot be read as text. */
  readonly fault: string | undefined;
}

const lineLengthMax = 512 * 1024;

/** The lines of a file, one after the other, whatever it is written in. A line that cannot be read harms no other. */
export async function* textLines(
  path: string,
  encoding: TextEncoding,
  onBytes: (count: number) => void,
): AsyncGenerator<TextLine> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  file.on("data", (chunk) => onBytes(chunk.length));
  let number = 0;
  const isBytes = encoding.name === "utf-8" || encoding.name === "windows-1252";
  const parts = isBytes ? readBytes(file, encoding) : readText(file, encoding);
  for await (const { line, fault } of parts) {
    number += 1;
    const text = number === 1 ? line.replace(/^\uFEFF/, "") : line;
    const end = /\r?\n$|\r$/.exec(text)?.[0] ?? "";
    yield { number, text: text.slice(0, text.length - end.length), end, fault: fault ?? lengthFault(line) };
  }
}

function lengthFault(line: string): string | undefined {
  return line.length > lineLengthMax ? "is too long for a product" : undefined;
}

interface Part {
  readonly line: string;
  readonly fault: string | undefined;
}

async function* readBytes(
  file: AsyncIterable<Buffer>,
  { name, otherwise, lineEnd }: TextEncoding,
): AsyncGenerator<Part> {
  const western =
    name === "windows-1252" || otherwise === "windows-1252" ? new TextDecoder("windows-1252") : undefined;
  for await (const bytes of byteLines(file, lineEnd)) {
    if (name === "utf-8" && isUtf8(bytes)) yield { line: bytes.toString("utf8"), fault: undefined };
    else if (western) yield { line: western.decode(bytes), fault: undefined };
    else
      yield {
        line: bytes.toString("latin1"),
        fault: "is not UTF-8 text; save the file as UTF-8, or name its encoding with --encoding",
      };
  }
}

/** Whatever else there is has no way to tell lines before it is decoded. */
async function* readText(file: AsyncIterable<Buffer>, { name }: TextEncoding): AsyncGenerator<Part> {
  const decoder = new TextDecoder(name);
  let rest = "";
  for await (const chunk of file) {
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split(/(?<=\n)/);
    rest = pieces.pop() ?? "";
    for (const line of pieces) yield checked(line, name);
  }
  rest += decoder.decode();
  if (rest !== "") yield checked(rest, name);
}

function checked(line: string, name: string): Part {
  return { line, fault: line.includes("\uFFFD") ? `has bytes that are no ${name} text` : undefined };
}

/** The lines of a stream with their ends. */
export async function* byteLines(
  stream: AsyncIterable<Buffer>,
  lineEnd: TextEncoding["lineEnd"],
): AsyncGenerator<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    let from = 0;
    for (let at = chunk.indexOf(lineEnd); at >= 0; at = chunk.indexOf(lineEnd, from)) {
      const last = chunk.subarray(from, at + 1);
      yield pieces.length === 0 ? last : Buffer.concat([...pieces.splice(0), last]);
      length = 0;
      from = at + 1;
    }
    const rest = chunk.subarray(from);
    // Of a line that is too long for a product its beginning is enough.
    if (rest.length > 0 && length <= lineLengthMax) pieces.push(rest);
    length += rest.length;
  }
  if (pieces.length > 0) yield Buffer.concat(pieces);
}
