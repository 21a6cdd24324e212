// The shop as people start it: a process of its own, on free ports, with an empty data folder.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "#platform/kit/free-ports.ts";

export const admin = { email: "admin@example.com", password: "the keys of the colonnade" };

export interface RunningShop {
  readonly origin: string;
  /** Of the program, which is the parent of the services of a split shop. */
  readonly pid: number;
  close(): Promise<void>;
}

export async function startShop(how: "all" | "split" = "all"): Promise<RunningShop> {
  const folder = await mkdtemp(join(tmpdir(), "stoa-browser-"));
  const [port, grpcPort] = await freePorts(2);
  const program = spawn(process.execPath, [join(import.meta.dirname, "../../main.ts"), "serve", how], {
    env: {
      ...process.env,
      STOA_DATA: folder,
      PORT: String(port),
      GRPC_PORT: String(grpcPort),
      RATE_LIMIT: "off",
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
      CATALOG_DEMO: "true",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const close = async () => {
    if (program.exitCode === null && program.signalCode === null) {
      program.kill("SIGTERM");
      await once(program, "exit");
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await untilOpen(program);
  } catch (error) {
    await close();
    throw error;
  }
  return { origin: `http://localhost:${port}`, pid: program.pid ?? 0, close };
}

async function untilOpen(program: ChildProcess): Promise<void> {
  const opened = Promise.withResolvers<void>();
  let said = "";
  program.stdout?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
    if (said.includes("The shop is open.")) opened.resolve();
  });
  program.once("exit", (code) =>
    opened.reject(new Error(`The shop ended with code ${code} before it opened: ${said}`)),
  );
  await opened.promise;
}
