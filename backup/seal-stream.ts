// Encryption of a stream in chunks that are each authenticated: no byte comes out that was not checked, and no chunk can be left out,
// doubled, moved or taken from another file. AES-256-GCM; the nonce counts the chunks and marks the last one.
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { Transform, type TransformCallback } from "node:stream";
import type { BackupKey } from "./backup-key.ts";

const magic = Buffer.from("STOAENC1");
const saltBytes = 16;
const chunkBytes = 64 * 1024;
const tagBytes = 16;

/** A file that is not what was written: said without knowing its name, which the caller does. */
export class BrokenContent extends Error {}

/** Encrypts what passes. `name` is what the file is called: under another name it cannot be opened. */
export function sealing(key: BackupKey, name: string): Transform {
  const salt = randomBytes(saltBytes);
  const fileKey = key.derive(name, salt);
  let count = 0;
  let isBegun = false;
  const begin = (stream: Transform) => {
    if (!isBegun) stream.push(Buffer.concat([magic, salt]));
    isBegun = true;
  };
  return new Chunks(chunkBytes, (stream, chunk, isLast) => {
    begin(stream);
    const cipher = createCipheriv("aes-256-gcm", fileKey, nonceOf(count++, isLast));
    stream.push(Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]));
  });
}

/** Decrypts what `sealing` made, or fails with a BrokenContent. */
export function unsealing(key: BackupKey, name: string): Transform {
  let fileKey: Buffer | undefined;
  let count = 0;
  return new Chunks(
    chunkBytes + tagBytes,
    (stream, chunk, isLast) => {
      if (!fileKey || chunk.length < tagBytes) throw new BrokenContent("it is cut off");
      const decipher = createDecipheriv("aes-256-gcm", fileKey, nonceOf(count++, isLast));
      decipher.setAuthTag(chunk.subarray(chunk.length - tagBytes));
      try {
        stream.push(
          Buffer.concat([decipher.update(chunk.subarray(0, chunk.length - tagBytes)), decipher.final()]),
        );
      } catch {
        throw new BrokenContent("it was changed, is cut off, or was encrypted with another key");
      }
    },
    {
      bytes: magic.length + saltBytes,
      read: (head) => {
        if (!head.subarray(0, magic.length).equals(magic)) throw new BrokenContent("it is not encrypted");
        fileKey = key.derive(name, head.subarray(magic.length));
      },
    },
  );
}

/** Twelve bytes that no other chunk under this key has. */
function nonceOf(count: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(count, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

interface Head {
  readonly bytes: number;
  read(head: Buffer): void;
}

/** Cuts what passes into chunks of one size; the last one may be shorter, and there always is one. */
class Chunks extends Transform {
  readonly #bytes: number;
  readonly #work: (stream: Transform, chunk: Buffer, isLast: boolean) => void;
  #head: Head | undefined;
  #waiting: Buffer[] = [];
  #length = 0;

  constructor(bytes: number, work: (stream: Transform, chunk: Buffer, isLast: boolean) => void, head?: Head) {
    super();
    this.#bytes = bytes;
    this.#work = work;
    this.#head = head;
  }

  override _transform(part: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#waiting.push(part);
    this.#length += part.length;
    this.#attempt(done, () => {
      if (this.#head && this.#length >= this.#head.bytes) this.#readHead(this.#head);
      // A full chunk waits for what follows: only then is it known not to be the last.
      while (!this.#head && this.#length > this.#bytes) this.#work(this, this.#take(this.#bytes), false);
    });
  }

  override _flush(done: TransformCallback): void {
    this.#attempt(done, () => {
      if (this.#head) throw new BrokenContent("it is cut off");
      this.#work(this, this.#take(this.#length), true);
    });
  }

  #readHead(head: Head): void {
    this.#head = undefined;
    head.read(this.#take(head.bytes));
  }

  #take(bytes: number): Buffer {
    const all = this.#waiting.length === 1 ? (this.#waiting[0] as Buffer) : Buffer.concat(this.#waiting);
    this.#waiting = [all.subarray(bytes)];
    this.#length = all.length - bytes;
    return all.subarray(0, bytes);
  }

  #attempt(done: TransformCallback, work: () => void): void {
    try {
      work();
      done();
    } catch (error) {
      done(error as Error);
    }
  }
}
