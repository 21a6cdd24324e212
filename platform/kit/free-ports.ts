import { randomInt } from "node:crypto";
import { closeSync, mkdirSync, openSync, statSync, unlinkSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "./clock.ts";

/**
 * Below the ports that Linux, macOS and Windows give to connections going out (from 32,768 on Linux, 49,152 by RFC 6335),
 * and above those that well-known programs listen on.
 */
const lowest = 20_000;
const beyond = 32_768;

/**
 * Ports of 127.0.0.1 that nobody listens on now, each once. They stay free of outgoing connections, which a port that
 * the system picks does not, and no other process of this program on this machine is given them for two minutes, so that
 * they can be told to others before they are opened; a program of somebody else can still be faster. None of `promised` is among them.
 */
export async function freePorts(count: number, promised: readonly number[] = []): Promise<number[]> {
  // All are held until the last is found, so none comes twice.
  const held = new Map<number, Server>();
  while (held.size < count) {
    const port = randomInt(lowest, beyond);
    if (held.has(port) || promised.includes(port)) continue;
    const server = await listenOn(port);
    if (!server) continue;
    if (isClaimed(port)) await close(server);
    else held.set(port, server);
  }
  await Promise.all([...held.values()].map(close));
  return [...held.keys()];
}

/** Longer than a shop of many processes takes to open them all on a busy machine. */
const claimMs = 120_000;

/** True when another one was given the port; marks it as given away otherwise. Where nothing can be marked, ports are given as they come. */
function isClaimed(port: number): boolean {
  const folder = join(tmpdir(), "stoa-ports");
  const mark = join(folder, String(port));
  try {
    mkdirSync(folder, { recursive: true });
    const markedMs = statSync(mark, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (systemClock.now().getTime() - markedMs > claimMs) unlinkSync(mark);
    closeSync(openSync(mark, "wx"));
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EEXIST";
  }
}

async function listenOn(port: number): Promise<Server | undefined> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

async function close(server: Server): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
}
