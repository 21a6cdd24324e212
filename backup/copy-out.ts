// Statements whose answer is a stream of bytes (COPY … TO STDOUT, BASE_BACKUP): pg leaves those messages to whoever sends the statement.
import type pg from "pg";

/** Beyond this much that nobody has taken yet, nothing more is read from the connection. */
const waitingBytesMax = 4 * 1024 ** 2;

/** What a statement answered besides the stream: a row of texts for each row of each result. */
export type AnsweredRows = readonly (readonly (string | null)[])[];

interface Wire {
  readonly stream: { pause(): void; resume(): void };
  query(text: string): void;
}

/**
 * Sends a statement and gives `take` every message of its stream, one after the other. `client` must be connected and idle. Answers the rows
 * that came besides, when all has been taken; rejects with the server's refusal, or with what `take` threw.
 */
export async function copyOut(
  client: pg.Client,
  text: string,
  take: (message: Buffer) => Promise<void> | void,
  onRow: (row: readonly (string | null)[]) => void = () => undefined,
): Promise<AnsweredRows> {
  return await new Promise((resolve, reject) => {
    client.query(new CopyOut({ text, take, onRow, resolve, reject }) as unknown as pg.Submittable);
  });
}

interface Wish {
  readonly text: string;
  readonly take: (message: Buffer) => Promise<void> | void;
  readonly onRow: (row: readonly (string | null)[]) => void;
  readonly resolve: (rows: AnsweredRows) => void;
  readonly reject: (error: unknown) => void;
}

/** The methods are those that pg calls. */
class CopyOut {
  readonly #wish: Wish;
  readonly #rows: (readonly (string | null)[])[] = [];
  #work: Promise<void> = Promise.resolve();
  #fault: unknown;
  #hasFailed = false;
  #waitingBytes = 0;

  constructor(wish: Wish) {
    this.#wish = wish;
  }

  submit(connection: Wire): void {
    connection.query(this.#wish.text);
  }

  handleCopyData({ chunk }: { readonly chunk: Buffer }, connection: Wire): void {
    if (this.#hasFailed) return;
    // The parser writes over its buffer as soon as this returns.
    const message = Buffer.from(chunk);
    this.#waitingBytes += message.length;
    if (this.#waitingBytes > waitingBytesMax) connection.stream.pause();
    this.#work = this.#work.then(async () => {
      if (!this.#hasFailed) await this.#take(message);
      this.#waitingBytes -= message.length;
      if (this.#waitingBytes <= waitingBytesMax / 2) connection.stream.resume();
    });
  }

  async #take(message: Buffer): Promise<void> {
    try {
      await this.#wish.take(message);
    } catch (error) {
      this.#fail(error);
    }
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    this.#rows.push(fields);
    this.#wish.onRow(fields);
  }

  handleError(error: unknown): void {
    this.#fail(error);
    void this.#work.then(() => this.#wish.reject(this.#fault));
  }

  handleReadyForQuery(): void {
    void this.#work.then(() =>
      this.#hasFailed ? this.#wish.reject(this.#fault) : this.#wish.resolve(this.#rows),
    );
  }

  handleRowDescription(): void {}
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyInResponse(): void {}

  #fail(error: unknown): void {
    this.#fault ??= error;
    this.#hasFailed = true;
  }
}
