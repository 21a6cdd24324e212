// A real PgBouncer in transaction mode for tests (*.outside.ts), in front of a PostgreSQL of the test; it ends with the test file.
import { spawn } from "node:child_process";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { freePorts } from "#platform/kit/free-ports.ts";
import type { EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { choosePostgresAccount } from "#platform/postgres/postgres-account.ts";
import { findProgram } from "./outside-program.ts";

/** Few enough that any two transactions of a busy test meet on a server connection, in turns. */
const serverConnections = 3;

/** Starts one; returns the server's admin URL as it is through PgBouncer. Settings are Debian's but for what a test needs. */
export async function startPgBouncer(postgres: EmbeddedPostgres): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "stoa-pgbouncer-"));
  const [port = 0] = await freePorts(1);
  const admin = new URL(postgres.adminUrl);
  const users = join(folder, "users.txt");
  writeFileSync(users, `"${admin.username}" "${admin.password}"\n`);
  const settings = join(folder, "pgbouncer.ini");
  const lines = [
    "[databases]",
    `* = host=127.0.0.1 port=${postgres.port}`,
    "[pgbouncer]",
    "listen_addr = 127.0.0.1",
    `listen_port = ${port}`,
    "unix_socket_dir =",
    "auth_type = scram-sha-256",
    `auth_file = ${users}`,
    "pool_mode = transaction",
    `default_pool_size = ${serverConnections}`,
    "max_client_conn = 1000",
  ];
  writeFileSync(settings, `${lines.join("\n")}\n`);
  const program = findProgram("pgbouncer") ?? "pgbouncer";
  const account = choosePostgresAccount(folder, folder, "/bin/true");
  const { owner } = account;
  if (owner) for (const path of [folder, users, settings]) chownSync(path, owner.uid, owner.gid);
  const { file, args, ...user } = account.command(program, ["-q", settings]);
  const child = spawn(file, args, { ...user, stdio: "ignore" });
  child.unref();
  after(async () => {
    child.ref();
    const ended = child.exitCode === null ? once(child, "exit") : undefined;
    child.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  const untilMs = systemClock.monotonicMs() + 10_000;
  while (!(await isListening(port))) {
    if (systemClock.monotonicMs() > untilMs) throw new Error("PgBouncer does not open in time.");
    await systemClock.sleep(50);
  }
  admin.port = `${port}`;
  return admin.href;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return await new Promise((resolve) => {
    socket.once("error", () => resolve(false));
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
  });
}
