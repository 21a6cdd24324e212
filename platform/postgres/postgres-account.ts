import { execFileSync, spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { StartError } from "#platform/kit/start-error.ts";

/** How to start PostgreSQL's programs under a user they accept; PostgreSQL refuses to run as root. */
export interface PostgresAccount {
  /** The owner that PostgreSQL's files must have; undefined when it runs as the user of this program. */
  owner: { uid: number; gid: number } | undefined;
  command(file: string, args: string[]): { file: string; args: string[]; uid?: number; gid?: number };
}

/**
 * Chooses the account: this program's own user, or, for root, the owner of the existing `cluster`, else the user
 * `postgres` (made when missing). Throws a StartError when that user can reach neither `folder` nor `program`.
 */
export function choosePostgresAccount(folder: string, cluster: string, program: string): PostgresAccount {
  if (process.getuid?.() !== 0) return { owner: undefined, command: (file, args) => ({ file, args }) };
  const owner = ownerOf(cluster) ?? findSystemUser();
  for (const account of [plainAccount(owner), capableAccount(owner)]) {
    if (canRun(account, folder, program)) return account;
  }
  throw new StartError(
    `PostgreSQL must not run as root, and the user with id ${owner.uid} that would run it cannot reach ${folder} or ` +
      `${program}. Start the shop as an ordinary user, or move it to a folder that all users may enter, such as /opt.`,
  );
}

function ownerOf(cluster: string): { uid: number; gid: number } | undefined {
  const stat = statSync(cluster, { throwIfNoEntry: false });
  return stat === undefined || stat.uid === 0 ? undefined : { uid: stat.uid, gid: stat.gid };
}

function findSystemUser(): { uid: number; gid: number } {
  const existing = lookUp("postgres");
  if (existing) return existing;
  spawnSync("useradd", [
    "--system",
    "--user-group",
    "--no-create-home",
    "--shell",
    "/usr/sbin/nologin",
    "postgres",
  ]);
  const user = lookUp("postgres") ?? lookUp("nobody");
  if (user) return user;
  throw new StartError(
    "PostgreSQL must not run as root, and there is neither a user postgres nor a way to make one. " +
      "Start the shop as an ordinary user.",
  );
}

function lookUp(name: string): { uid: number; gid: number } | undefined {
  try {
    const id = (flag: string) =>
      Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: "pipe" }));
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return undefined;
  }
}

function plainAccount(owner: { uid: number; gid: number }): PostgresAccount {
  return { owner, command: (file, args) => ({ file, args, ...owner }) };
}

/**
 * For a shop below a folder that only root may enter, such as /root: the user keeps one right of root's, to pass
 * folders closed to it. Without no_setuid_fixup the kernel would ignore that right where PostgreSQL asks access(2).
 */
function capableAccount(owner: { uid: number; gid: number }): PostgresAccount {
  const right = "+dac_override";
  const flags = [
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    "--clear-groups",
    `--inh-caps=-all,${right}`,
    `--ambient-caps=${right}`,
    `--bounding-set=-all,${right}`,
    "--securebits=+no_setuid_fixup",
  ];
  return { owner, command: (file, args) => ({ file: "setpriv", args: [...flags, file, ...args] }) };
}

function canRun(account: PostgresAccount, folder: string, program: string): boolean {
  const { file, args, ...user } = account.command("sh", [
    "-c",
    'cd "$1" && exec "$2" --version',
    "sh",
    folder,
    program,
  ]);
  return spawnSync(file, args, { ...user, cwd: "/", stdio: "ignore" }).status === 0;
}
