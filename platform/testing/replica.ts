// A real primary with a real streaming replica for tests, from the PostgreSQL that npm brings; both are gone when the test file ends.
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chownSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import pg from "pg";
import { startEmbeddedPostgres, type EmbeddedPostgres } from "#platform/postgres/embedded-postgres.ts";
import { choosePostgresAccount } from "#platform/postgres/postgres-account.ts";
import { findPostgresBinaries } from "#platform/postgres/postgres-binaries.ts";
import { superuser } from "#platform/postgres/postgres-cluster.ts";
import { startPostmaster, stopPostmaster, type Postmaster } from "#platform/postgres/postmaster.ts";

export interface ReplicatedPostgres {
  readonly primary: EmbeddedPostgres;
  /** The address of a database on the replica. */
  replicaUrlFor(database: string): string;
  /** It stops showing what is new, as one does that lags. */
  pauseReplay(): Promise<void>;
  resumeReplay(): Promise<void>;
  /** kill -9 of all of it. */
  killReplica(): Promise<void>;
  startReplica(): Promise<void>;
  freezePrimary(): void;
  thawPrimary(): void;
}

/** Starts both. */
export async function startReplicatedPostgres(): Promise<ReplicatedPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "stoa-replica-"));
  const log = { info: () => undefined, error: () => undefined };
  const primary = await startEmbeddedPostgres({ dataDir: join(folder, "primary"), log, fsync: false });
  const cluster = join(folder, "replica");
  const program = findPostgresBinaries().postgres;
  await copyCluster(primary, join(folder, "primary", "cluster"), cluster);
  const account = choosePostgresAccount(folder, join(folder, "primary", "cluster"), program);
  if (account.owner) give(cluster, account.owner);
  const logFile = join(folder, "replica.log");
  let replica: Postmaster | undefined;
  const startReplica = async () => {
    replica = await startPostmaster({
      program,
      account,
      cluster,
      logFile,
      port: replica?.port,
      fsync: false,
    });
  };
  await startReplica();
  const replicaUrlFor = (database: string) =>
    primary.urlFor(database).replace(`:${primary.port}/`, `:${replica?.port}/`);
  const tell = async (text: string) => {
    const client = new pg.Client({ connectionString: replicaUrlFor("postgres") });
    await client.connect();
    await client.query(text);
    await client.end();
  };
  const primaryPids = () => processesOf(join(folder, "primary", "cluster"));
  after(async () => {
    for (const pid of primaryPids()) process.kill(pid, "SIGCONT");
    await stopPostmaster(cluster);
    await primary.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    primary,
    replicaUrlFor,
    pauseReplay: async () => await tell("select pg_wal_replay_pause()"),
    resumeReplay: async () => await tell("select pg_wal_replay_resume()"),
    killReplica: async () => {
      for (const pid of processesOf(cluster)) process.kill(pid, "SIGKILL");
      await replica?.ended;
      rmSync(join(cluster, "postmaster.pid"), { force: true });
    },
    startReplica,
    freezePrimary: () => primaryPids().forEach((pid) => process.kill(pid, "SIGSTOP")),
    thawPrimary: () => primaryPids().forEach((pid) => process.kill(pid, "SIGCONT")),
  };
}

/** As pg_basebackup does, which npm does not bring. */
async function copyCluster(primary: EmbeddedPostgres, from: string, to: string): Promise<void> {
  const admin = new pg.Client({ connectionString: primary.adminUrl });
  await admin.connect();
  await admin.query("select pg_backup_start('copy', true)");
  cpSync(from, to, { recursive: true, filter: (path) => !/postmaster\.(pid|opts)$/.test(path) });
  const { rows } = await admin.query<{ labelfile: string }>("select labelfile from pg_backup_stop(false)");
  await admin.end();
  writeFileSync(join(to, "backup_label"), rows[0]?.labelfile ?? "");
  writeFileSync(join(to, "standby.signal"), "");
  const { password } = new URL(primary.adminUrl);
  appendFileSync(
    join(to, "postgresql.auto.conf"),
    `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=${superuser} password=${password}'\n`,
  );
}

function give(path: string, owner: { readonly uid: number; readonly gid: number }): void {
  for (const entry of readdirSync(path, { recursive: true, encoding: "utf8" }))
    chownSync(join(path, entry), owner.uid, owner.gid);
  chownSync(path, owner.uid, owner.gid);
}

/** The postmaster of a cluster and its children. */
function processesOf(cluster: string): number[] {
  const postmaster = Number(readFileSync(join(cluster, "postmaster.pid"), "utf8").split("\n")[0]);
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const pids = lines.map((line) => line.trim().split(/\s+/).map(Number));
  return pids.filter((pair) => pair.includes(postmaster)).map(([pid = 0]) => pid);
}
