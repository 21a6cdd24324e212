import { createReadStream } from "node:fs";

/** One JSON object of a file, as text, and the line on which it begins. */
export interface JsonElement {
  readonly line: number;
  readonly text: string;
}

const elementLengthMax = 1024 * 1024;

/**
 * The objects of a file one by one, without ever holding all of it: those of an array, and those that stand one on each
 * line or otherwise one after the other.
 */
export async function* jsonElements(
  path: string,
  encoding: string,
  onBytes: (count: number) => void,
): AsyncGenerator<JsonElement> {
  const splitter = new Splitter();
  const decoder = new TextDecoder(encoding);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    onBytes(chunk.length);
    yield* splitter.take(decoder.decode(chunk, { stream: true }));
  }
  yield* splitter.take(decoder.decode());
  yield* splitter.rest();
}

/** Knows at each character how deep in objects and lists it is, and whether in a text. */
class Splitter {
  #line = 1;
  #beginsAt = 1;
  #depth = 0;
  #inText = false;
  #isEscaped = false;
  #parts: string[] = [];
  #length = 0;

  *take(chunk: string): Generator<JsonElement> {
    let from = this.#depth > 0 ? 0 : -1;
    for (let at = 0; at < chunk.length; at += 1) {
      const letter = chunk.charAt(at);
      if (letter === "\n") this.#line += 1;
      if (this.#inText) this.#step(letter);
      else if (letter === '"' && this.#depth > 0) this.#inText = true;
      else if (letter === "{" || (letter === "[" && this.#depth > 0)) {
        if (this.#depth === 0) {
          from = at;
          this.#beginsAt = this.#line;
        }
        this.#depth += 1;
      } else if ((letter === "}" || letter === "]") && this.#depth > 0) {
        this.#depth -= 1;
        if (this.#depth > 0) continue;
        this.#keep(chunk.slice(from, at + 1));
        yield this.#element();
        from = -1;
      }
    }
    if (from >= 0) this.#keep(chunk.slice(from));
  }

  *rest(): Generator<JsonElement> {
    if (this.#parts.length > 0) yield this.#element();
  }

  #step(letter: string): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (letter === "\\") this.#isEscaped = true;
    else if (letter === '"') this.#inText = false;
  }

  /** What is too long for a product is cut, so that it cannot fill the memory; it will not parse. */
  #keep(part: string): void {
    this.#length += part.length;
    if (this.#length <= elementLengthMax) this.#parts.push(part);
  }

  #element(): JsonElement {
    const text = this.#parts.join("");
    this.#parts = [];
    this.#length = 0;
    return { line: this.#beginsAt, text };
  }
}
