// A link between two processes that can be made bad while it is in use: a TCP proxy in the test's own process.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { freePorts } from "#platform/kit/free-ports.ts";
import type { Direction, LinkFault } from "./link-fault.ts";
import { Lane } from "./link-lane.ts";

export interface LinkProxyOptions {
  readonly target: { readonly host?: string; readonly port: number };
  /** A free one when not said. */
  readonly port?: number;
}

interface Connection {
  readonly near: Socket;
  readonly far: Socket;
  /** Nonsense went over it. */
  isSpoiled: boolean;
}

const nonsenseBytes = 64;

/** Opens a proxy on 127.0.0.1; it forwards everything until it is told of a fault. */
export async function openLinkProxy(options: LinkProxyOptions): Promise<LinkProxy> {
  const [free = 0] = options.port === undefined ? await freePorts(1) : [];
  const proxy = new LinkProxy(options, options.port ?? free);
  await proxy.listen();
  return proxy;
}

export class LinkProxy {
  /** How many bytes were delivered. */
  readonly carried: Record<Direction, number> = { there: 0, back: 0 };
  readonly port: number;
  readonly #target: LinkProxyOptions["target"];
  readonly #connections = new Set<Connection>();
  #server: Server | undefined;
  #fault: LinkFault = { kind: "none" };
  #change = Promise.withResolvers<void>();
  /** Faults come one after another, each whole. */
  #switching: Promise<void> = Promise.resolve();

  constructor({ target }: LinkProxyOptions, port: number) {
    this.#target = target;
    this.port = port;
  }

  get fault(): LinkFault {
    return this.#fault;
  }

  /** Resolves at the next change of the fault. */
  get changed(): Promise<void> {
    return this.#change.promise;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Makes the link bad, or well again; holds for open connections and for new ones. Resolves when it holds. */
  async set(fault: LinkFault): Promise<void> {
    const switching = this.#switching.then(() => this.#switch(fault));
    this.#switching = switching.catch(() => undefined);
    await switching;
  }

  /** To be called once, by `openLinkProxy`. */
  async listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (near) => this.#join(near));
    server.listen(this.port, "127.0.0.1");
    await once(server, "listening");
    this.#server = server;
  }

  /** Ends the link and everything on it. */
  async close(): Promise<void> {
    await this.#switching;
    await this.#deafen();
    this.#change.resolve();
  }

  async #switch(fault: LinkFault): Promise<void> {
    const before = this.#fault;
    this.#fault = fault;
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
    if (before.kind === "cut" && fault.kind !== "cut") await this.listen();
    if (before.kind !== "cut" && fault.kind === "cut") await this.#deafen();
    for (const connection of this.#connections) this.#befall(connection);
  }

  #befall(connection: Connection): void {
    const { near, far } = connection;
    if (this.#fault.kind === "reset") return reset(connection);
    if (this.#fault.kind === "garbage") {
      connection.isSpoiled = true;
      for (const side of [near, far]) if (side.writable) side.write(randomBytes(nonsenseBytes));
    } else if (connection.isSpoiled) reset(connection);
  }

  async #deafen(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    for (const { near, far } of this.#connections) for (const side of [near, far]) side.destroy();
    if (!server) return;
    const closed = once(server, "close");
    server.close();
    await closed;
  }

  #join(near: Socket): void {
    const { host = "127.0.0.1", port } = this.#target;
    const far = connect({ host, port, allowHalfOpen: true });
    const connection: Connection = { near, far, isSpoiled: this.#fault.kind === "garbage" };
    this.#connections.add(connection);
    let open = 2;
    for (const side of [near, far]) {
      side.setNoDelay(true);
      side.on("error", () => undefined);
      side.once("close", () => {
        open -= 1;
        if (open === 0) this.#connections.delete(connection);
      });
    }
    const sides = { onReset: () => reset(connection), link: this };
    void new Lane({ ...sides, direction: "there", from: near, to: far }).run();
    void new Lane({ ...sides, direction: "back", from: far, to: near }).run();
  }
}

function reset({ near, far }: Connection): void {
  near.resetAndDestroy();
  far.resetAndDestroy();
}
