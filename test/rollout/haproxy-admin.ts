// HAProxy's own runtime interface: what it sends to whom is changed while it runs, and counted.
import { connect } from "node:net";

export class HaproxyAdmin {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  /** Sends one command; throws what it answers when that is no silence. */
  async set(words: string): Promise<void> {
    const answer = (await this.#say(words)).trim();
    if (answer !== "") throw new Error(`HAProxy answers "${words}" with: ${answer}`);
  }

  /** How many requests each server of a backend has been given so far. */
  async given(backend: string): Promise<Map<string, number>> {
    const [head = "", ...lines] = (await this.#say(`show stat ${backend} 4 -1`)).trim().split("\n");
    const names = head.replace(/^# /, "").split(",");
    const [server, given] = [names.indexOf("svname"), names.indexOf("lbtot")];
    return new Map(
      lines.map((line) => {
        const cells = line.split(",");
        return [cells[server] ?? "", Number(cells[given] ?? 0)];
      }),
    );
  }

  async #say(words: string): Promise<string> {
    const socket = connect(this.#socket);
    const parts: Buffer[] = [];
    socket.on("data", (part: Buffer) => parts.push(part));
    socket.write(`${words}\n`);
    await new Promise<void>((resolve, reject) => socket.once("close", () => resolve()).once("error", reject));
    return Buffer.concat(parts).toString();
  }
}
