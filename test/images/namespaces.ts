// A program that needs networks, mounts and ports of its own goes on inside namespaces of its own, and everything it made goes with it.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";

const marker = "STOA_TEST_NAMESPACES";

/** What this machine lacks, as a sentence; undefined where containers can be made. */
export function whyNoContainers(): string | undefined {
  if (process.platform !== "linux") return "namespaces and layered file systems are Linux's";
  if (process.getuid?.() !== 0) return "only root may make namespaces, networks and limits of memory";
  const probe =
    "mkdir -p /tmp/stoa-probe && mount -t tmpfs tmpfs /tmp/stoa-probe && cd /tmp/stoa-probe && mkdir a b m && mount -t overlay o -o lowerdir=a:b m && ip link add p type bridge && test -d /sys/fs/cgroup/memory";
  const { status, stderr } = spawnSync(
    "unshare",
    ["--net", "--mount", "--pid", "--fork", "sh", "-c", probe],
    { encoding: "utf8" },
  );
  return status === 0
    ? undefined
    : `this machine's kernel does not let root make them (${String(stderr).trim().split("\n")[0]})`;
}

/** Starts this very program again inside; false where it already is. */
export function goInside(): boolean {
  if (process.env[marker] !== undefined) {
    execFileSync("ip", ["link", "set", "lo", "up"]);
    // Names of networks, and files for each: where `ip` keeps them, but seen by nobody else.
    for (const folder of ["/run/netns", "/etc/netns"]) {
      mkdirSync(folder, { recursive: true });
      execFileSync("mount", ["-t", "tmpfs", "tmpfs", folder]);
    }
    return false;
  }
  const words = [
    "--net",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    process.execPath,
    ...process.execArgv,
    ...process.argv.slice(1),
  ];
  const { status } = spawnSync("unshare", words, {
    stdio: "inherit",
    env: { ...process.env, [marker]: "1" },
  });
  process.exitCode = status ?? 1;
  return true;
}
