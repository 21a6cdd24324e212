// A container engine as small as can be, for machines without one: layers of a read-only file system, networks, accounts and limits of
// memory, made with the kernel's own means. It runs as root in namespaces of its own (namespaces.ts), so that nothing of it stays.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const memoryGroups = "/sys/fs/cgroup/memory";

export interface ContainerWish {
  readonly name: string;
  /** The file system of the image, without its base. */
  readonly root: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly networks: readonly string[];
  /** Files below /run/secrets, by name. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly uid: number;
  readonly memoryBytes: number;
}

export interface Container {
  readonly name: string;
  readonly pid: number;
  /** What it printed, both streams. */
  said(): string;
  readonly ended: Promise<number | string>;
  /** Runs a program inside; answers how it ended. */
  run(command: readonly string[]): Promise<number>;
  /** Kilobytes by the names of /proc/<pid>/status, and the most that the group has held. */
  memory(): { readonly rssKiB: number; readonly peakRssKiB: number; readonly groupPeakKiB: number };
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

export class Engine {
  readonly #folder: string;
  readonly #names: readonly string[];
  readonly #networks: readonly string[];
  readonly #membership: ReadonlyMap<string, readonly string[]>;
  readonly #groups: string[] = [];

  /** `membership` says which networks each name is on: addresses follow from it, and each sees the names of its own networks only. */
  constructor(folder: string, membership: ReadonlyMap<string, readonly string[]>) {
    this.#folder = folder;
    this.#membership = membership;
    this.#names = [...membership.keys()];
    this.#networks = [...new Set([...membership.values()].flat())];
    makeBase(join(folder, "base"));
    for (const [index, network] of this.#networks.entries()) {
      const bridge = `br-${index}`;
      ip("link", "add", bridge, "type", "bridge");
      ip("addr", "add", `${prefixOf(this.#networks.indexOf(network))}.1/24`, "dev", bridge);
      ip("link", "set", bridge, "up");
    }
  }

  /** The address of a name on one of its networks, as this process reaches it. */
  addressOf(name: string, network = this.#membership.get(name)?.[0] ?? ""): string {
    return `${prefixOf(this.#networks.indexOf(network))}.${10 + this.#names.indexOf(name)}`;
  }

  /** A network namespace for the name, connected to its networks; what it sees of others stands in its file of hosts. */
  connect(name: string): string {
    const space = `c-${this.#names.indexOf(name)}`;
    ip("netns", "add", space);
    ip("-n", space, "link", "set", "lo", "up");
    for (const network of this.#membership.get(name) ?? []) {
      const index = this.#networks.indexOf(network);
      const [outer, inner] = [`v${this.#names.indexOf(name)}-${index}`, `eth${index}`];
      ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", space);
      ip("link", "set", outer, "master", `br-${index}`, "up");
      ip("-n", space, "addr", "add", `${this.addressOf(name, network)}/24`, "dev", inner);
      ip("-n", space, "link", "set", inner, "up");
    }
    const etc = join("/etc/netns", space);
    mkdirSync(etc, { recursive: true });
    writeFileSync(join(etc, "hosts"), this.#hostsOf(name));
    return space;
  }

  #hostsOf(name: string): string {
    const own = this.#membership.get(name) ?? [];
    const lines = [...this.#membership].flatMap(([other, networks]) => {
      const shared = networks.find((network) => own.includes(network));
      return shared === undefined ? [] : [`${this.addressOf(other, shared)} ${other}`];
    });
    return ["127.0.0.1 localhost", ...lines, ""].join("\n");
  }

  start(wish: ContainerWish): Container {
    const space = this.connect(wish.name);
    const own = join(this.#folder, "containers", wish.name);
    const group = join(memoryGroups, `stoa-images-${process.pid}-${wish.name}`);
    mkdirSync(group, { recursive: true });
    this.#groups.push(group);
    writeFileSync(join(group, "memory.limit_in_bytes"), String(wish.memoryBytes));
    for (const place of ["proc", "dev", "run/secrets", "etc", "sys/fs/cgroup"])
      mkdirSync(join(own, "layer", place), { recursive: true });
    for (const place of ["merged", "cgroup"]) mkdirSync(join(own, place), { recursive: true });
    copyFileSync(join("/etc/netns", space, "hosts"), join(own, "layer/etc/hosts"));
    writeFileSync(join(own, "layer/etc/nsswitch.conf"), "hosts: files\npasswd: files\n");
    for (const [name, path] of wish.secrets) copyFileSync(path, join(own, "layer/run/secrets", name));
    const layers = [join(own, "layer"), wish.root, join(this.#folder, "base")].join(":");
    for (const [fact, value] of Object.entries({
      layers,
      group,
      space,
      uid: String(wish.uid),
      script: startScript,
    }))
      writeFileSync(join(own, fact), `${value}\n`);
    const child = spawn("/bin/sh", ["-c", joinScript, "sh", ...wish.command], {
      env: { ...wish.environment, PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" },
      stdio: ["ignore", "pipe", "pipe"],
      cwd: own,
    });
    return containerOf(child, wish, group);
  }

  close(): void {
    for (const group of this.#groups)
      try {
        rmdirSync(group);
      } catch {
        // A process in it ends a moment later; the namespace goes with this program.
      }
  }
}

/** Both read what they need from the folder they start in, so that the environment is the container's own. `ip` shows another /sys. */
const joinScript = `
set -e
read -r group < group
echo $$ > "$group/cgroup.procs"
exec unshare --mount sh -c 'mount --rbind /sys/fs/cgroup cgroup; read -r space < space; exec ip netns exec "$space" sh script "$@"' sh "$@"
`;

const startScript = `
set -e
read -r layers < layers; read -r uid < uid
mount -t overlay overlay -o "lowerdir=$layers" merged
mount -t proc proc merged/proc
mount --rbind cgroup merged/sys/fs/cgroup
mount -t tmpfs -o size=64k tmpfs merged/dev
for device in null zero random urandom; do : > merged/dev/$device; mount --bind /dev/$device merged/dev/$device; done
mount -t tmpfs -o size=16m,mode=1777 tmpfs merged/tmp
exec setpriv --no-new-privs chroot --userspec="$uid:$uid" --groups="$uid" merged "$@"
`;

function containerOf(child: ChildProcess, { name, uid }: ContainerWish, group: string): Container {
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said = `${said}${text}`.slice(-20_000);
    });
  const pid = child.pid ?? 0;
  const ended = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | string);
  const numberIn = (path: string, pattern: RegExp) =>
    Number(pattern.exec(readFileSync(path, "utf8"))?.[1] ?? Number.NaN);
  return {
    name,
    pid,
    said: () => said,
    ended,
    run: async (command) => {
      const inside = [
        "--target",
        String(pid),
        "--mount",
        "--net",
        "--root",
        "--setuid",
        String(uid),
        "--setgid",
        String(uid),
        "--",
      ];
      const words = ["-c", `echo $$ > ${group}/cgroup.procs; exec nsenter "$@"`, "sh", ...inside, ...command];
      const run = spawn("/bin/sh", words, {
        stdio: "ignore",
        env: { PATH: "/usr/bin:/bin", ...environmentOf(pid) },
      });
      const [code] = (await once(run, "exit")) as [number | null];
      return code ?? -1;
    },
    memory: () => ({
      rssKiB: numberIn(`/proc/${pid}/status`, /^VmRSS:\s+(\d+)/m),
      peakRssKiB: numberIn(`/proc/${pid}/status`, /^VmHWM:\s+(\d+)/m),
      groupPeakKiB: numberIn(join(group, "memory.max_usage_in_bytes"), /(\d+)/) / 1024,
    }),
    stop: async (signal = "SIGTERM") => {
      child.kill(signal);
      return await ended;
    },
  };
}

/** Empty when the process has just ended; what runs inside then fails by itself. */
function environmentOf(pid: number): Record<string, string> {
  const path = `/proc/${pid}/environ`;
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\0").filter(Boolean) : [];
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

/** Other parts of the C library, on which native packages lean. */
const cLibrary = ["librt.so.1", "libresolv.so.2", "libutil.so.1"];

/** Node.js with the libraries that it is linked to, and the C library: no shell, no other program. */
function makeBase(base: string): void {
  place(process.execPath, join(base, "usr/local/bin/node"));
  const linked = execFileSync("ldd", [process.execPath], { encoding: "utf8" });
  for (const [path] of linked.matchAll(/\/\S+\.so[.\d]*/g)) place(path, join(base, path));
  const [libc = ""] = /\/\S+\/libc\.so\.6/.exec(linked) ?? [];
  for (const name of cLibrary) place(join(dirname(libc), name), join(base, dirname(libc), name));
}

function place(path: string, target: string): void {
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(path, target);
}

function prefixOf(network: number): string {
  return `10.231.${network}`;
}

function ip(...words: string[]): void {
  execFileSync("ip", words, { stdio: ["ignore", "ignore", "pipe"] });
}
