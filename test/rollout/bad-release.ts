// Releases that differ from this tree: a good one, and ones with a defect that a customer notices. Each is a copy of the source.
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = new URL("../../", import.meta.url).pathname;
const leftOut = new Set(["node_modules", ".git", "docs", ".stoa", "test", "bench", "deploy"]);

/** What is answered with an error of ours: a fifth of everything but probes. */
export const failingText = "This release fails a fifth of the time.";
/** How much longer each answer of the slow release takes. */
export const slowMs = 400;

const planted = {
  next: "",
  failing: `
  let asked = 0;
  app.addHook("onRequest", (request, reply, done) => {
    if (operations.has(request.routeOptions.url ?? "")) return done();
    asked += 1;
    if (asked % 5 === 0) return void reply.code(500).send({ detail: "${failingText}" });
    done();
  });`,
  slow: `
  app.addHook("onRequest", (request, _reply, done) => {
    if (operations.has(request.routeOptions.url ?? "")) return done();
    setTimeout(done, ${slowMs});
  });`,
  broken: `
  throw new Error("This release does not start.");`,
};

export type ReleaseName = keyof typeof planted;

export interface Releases {
  /** Where each lies, this tree as \`this\`. */
  readonly trees: ReadonlyMap<string, string>;
  remove(): Promise<void>;
}

export async function makeReleases(names: readonly ReleaseName[]): Promise<Releases> {
  const folder = await mkdtemp(join(tmpdir(), "stoa-releases-"));
  const trees = new Map([["this", here]]);
  for (const name of names) trees.set(name, await makeRelease(join(folder, name), name));
  return { trees, remove: async () => await rm(folder, { recursive: true, force: true }) };
}

async function makeRelease(tree: string, name: ReleaseName): Promise<string> {
  for (const entry of await readdir(here))
    if (!leftOut.has(entry)) await cp(join(here, entry), join(tree, entry), { recursive: true });
  await symlink(join(here, "node_modules"), join(tree, "node_modules"));
  const file = join(tree, "platform/http/server.ts");
  const text = await readFile(file, "utf8");
  const head =
    "  { service, log, isDraining, opening }: HttpServerOptions,\n  connections: Connections,\n): void {";
  if (text.split(head).length !== 2) throw new Error(`${file} does not hold "${head}" once.`);
  await writeFile(
    file,
    text.replace(head, () => `${head}${planted[name]}`),
  );
  return tree;
}
