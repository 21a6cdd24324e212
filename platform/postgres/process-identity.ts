import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";

/**
 * A name for the running process `pid` that no other process gets, not even one that later has the same number;
 * undefined when there is no such process. Made of letters, digits and dots, so that it can be part of a file name.
 */
export function processIdentity(pid: number): string | undefined {
  return process.platform === "linux" ? linuxIdentity(pid) : psIdentity(pid);
}

/** True when `pid` is a PostgreSQL postmaster that serves the data folder `cluster` (an absolute, real path). */
export function isPostmasterOf(pid: number, cluster: string): boolean {
  if (process.platform !== "linux") return psField(pid, "command").includes(cluster);
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return (
      /(^|\/)postgres$/.test(words[0] ?? "") &&
      (words.includes(cluster) || readlinkSync(`/proc/${pid}/cwd`) === cluster)
    );
  } catch {
    return false;
  }
}

function linuxIdentity(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, startedTicks] = [fields[0], fields[19]];
    if (state === "Z" || state === "X") return undefined;
    return `${pid}.${startedTicks}.${bootId()}`;
  } catch {
    return undefined;
  }
}

// Ticks count from the last boot: without its id, a process of this boot could pass for one of the boot before.
function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
  } catch {
    return "0";
  }
}

function psIdentity(pid: number): string | undefined {
  const started = psField(pid, "lstart").replace(/[^A-Za-z0-9]+/g, ".");
  return started === "" ? undefined : `${pid}.${started}`;
}

function psField(pid: number, field: string): string {
  try {
    return execFileSync("ps", ["-o", `${field}=`, "-p", String(pid)], { encoding: "utf8" }).trim();
  } catch {
    return "";
  }
}
