import { randomInt } from "node:crypto";
import { createServer, type Server } from "node:net";

/**
 * Below the ports that Linux, macOS and Windows give to connections going out (from 32,768 on Linux, 49,152 by RFC 6335),
 * and above those that well-known programs listen on.
 */
const lowest = 20_000;
const beyond = 32_768;

/**
 * Ports of 127.0.0.1 that nobody listens on now, each once. They stay free of outgoing connections, which a port that
 * the system picks does not; another program that asks for the very same port can still be faster. None of `promised` is among them.
 */
export async function freePorts(count: number, promised: readonly number[] = []): Promise<number[]> {
  // All are held until the last is found, so none comes twice.
  const held = new Map<number, Server>();
  while (held.size < count) {
    const port = randomInt(lowest, beyond);
    if (held.has(port) || promised.includes(port)) continue;
    const server = await listenOn(port);
    if (server) held.set(port, server);
  }
  await Promise.all([...held.values()].map((server) => new Promise((resolve) => server.close(resolve))));
  return [...held.keys()];
}

async function listenOn(port: number): Promise<Server | undefined> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
