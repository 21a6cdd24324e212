// The next release of the shop, for a rollout: this tree in a folder of its own, with one more column that its shipping writes and reads.
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = new URL("../../", import.meta.url).pathname;
/** Not part of the program, or too much of it. */
const leftOut = new Set(["node_modules", ".git", "docs", ".stoa", "test", "bench"]);

/** Which service the release changes. */
export const changedService = "shipping";

export interface Release {
  readonly tree: string;
  remove(): Promise<void>;
}

export async function makeNextRelease(): Promise<Release> {
  const tree = await mkdtemp(join(tmpdir(), "stoa-next-release-"));
  for (const name of await readdir(here))
    if (!leftOut.has(name)) await cp(join(here, name), join(tree, name), { recursive: true });
  await symlink(join(here, "node_modules"), join(tree, "node_modules"));
  const service = join(tree, "services", changedService);
  await addMigration(join(service, "migrations"));
  await change(join(service, "store.ts"), [
    [
      "insert into shipments (order_id, status, tracking_number",
      "insert into shipments (packed_by, order_id, status, tracking_number",
    ],
    ["values ($1, case", "values ('next release', $1, case"],
    [
      "from shipments where order_id = $1`",
      "from shipments where order_id = $1 and packed_by is distinct from ''`",
    ],
  ]);
  return { tree, remove: async () => await rm(tree, { recursive: true, force: true }) };
}

/** Expand: a column that older code does not know, and that has no value where older code writes. */
async function addMigration(folder: string): Promise<void> {
  const last =
    (await readdir(folder))
      .filter((name) => name.endsWith(".sql"))
      .sort()
      .at(-1) ?? "0000";
  const number = String(Number(last.slice(0, 4)) + 1).padStart(4, "0");
  await writeFile(
    join(folder, `${number}-say-who-packs.sql`),
    "alter table shipments add column packed_by text;\n",
  );
}

async function change(file: string, changes: readonly (readonly [string, string])[]): Promise<void> {
  let text = await readFile(file, "utf8");
  for (const [before, after] of changes) {
    if (text.split(before).length !== 2)
      throw new Error(`${file} does not hold "${before}" once; the next release cannot be made of it.`);
    text = text.replace(before, () => after);
  }
  await writeFile(file, text);
}
