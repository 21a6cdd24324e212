// Guides are followed to the letter: every block that names a file is written, every command is run, every promise is checked.
import { readFile, readdir } from "node:fs/promises";
import type { Project, RunningProject } from "./project.ts";
import type { Steps } from "./steps.ts";

/** One fenced block of a guide: ```lang key=value. */
interface Block {
  readonly text: string;
  readonly facts: { readonly [name: string]: string };
}

/**
 * What a block may say after its language: `file=path` (write it), `add=path before="line"` (put it before the first such line of a
 * file), `run` (run each line in the project), `setting` (lines for the environment of the shop), `see=/path` (the shop answers there
 * with every line of the block).
 */
export function blocksOf(guide: string): Block[] {
  return [...guide.matchAll(/^```[a-z]+ ([^\n]+)\n([\s\S]*?)^```$/gm)].map(([, words = "", text = ""]) => ({
    text,
    facts: Object.fromEntries(
      [...words.matchAll(/([\w-]+)(?:=("[^"]*"|'[^']*'|\S+))?/g)].map(([, name = "", value = ""]) => [
        name,
        value.replace(/^["']|["']$/g, ""),
      ]),
    ),
  }));
}

/** Follows the guides of these names; without any, all of them. */
export async function followGuides(
  project: Project,
  steps: Steps,
  wanted: readonly string[] = [],
): Promise<void> {
  const folder = new URL("../../docs/guides/", import.meta.url);
  const names = (await readdir(folder)).filter((file) => file.endsWith(".md")).sort();
  const unknown = wanted.find((name) => !names.includes(`${name}.md`));
  if (unknown !== undefined) throw new Error(`There is no guide docs/guides/${unknown}.md.`);
  for (const name of names.filter((file) => wanted.length === 0 || wanted.includes(file.slice(0, -3)))) {
    const blocks = blocksOf(await readFile(new URL(name, folder), "utf8"));
    if (blocks.length === 0) continue;
    await steps.try(`docs/guides/${name} does what it says`, () => follow(project, blocks));
  }
}

async function follow(project: Project, blocks: readonly Block[]): Promise<void> {
  const environment: Record<string, string> = {};
  let shop: RunningProject | undefined;
  try {
    for (const { text, facts } of blocks) {
      if (facts["file"] !== undefined) await project.write(facts["file"], text);
      else if (facts["add"] !== undefined) await addTo(project, facts["add"], facts["before"] ?? "", text);
      else if (facts["setting"] !== undefined) Object.assign(environment, settingsOf(text));
      else if (facts["run"] !== undefined) await runLines(project, text);
      else if (facts["see"] !== undefined) {
        shop ??= await project.start({ ...environment, RATE_LIMIT: "off" });
        await see(shop, facts["see"], text);
      }
    }
  } finally {
    await shop?.end();
  }
}

async function addTo(project: Project, path: string, before: string, text: string): Promise<void> {
  const lines = (await project.read(path)).split("\n");
  const at = lines.findIndex((line) => line.trim() === before);
  if (at === -1) throw new Error(`${path} has no line "${before}" to put something before.`);
  lines.splice(at, 0, text.trimEnd());
  await project.write(path, lines.join("\n"));
}

function settingsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text.split("\n").flatMap((line) => {
      const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}

async function runLines(project: Project, text: string): Promise<void> {
  for (const line of text.split("\n").filter((one) => one.trim() !== "" && !one.startsWith("#")))
    await project.run("sh", "-c", line);
}

async function see(shop: RunningProject, path: string, text: string): Promise<void> {
  const told = await shop.text(path);
  for (const line of text.split("\n").filter((one) => one.trim() !== ""))
    if (!told.includes(line.trim()))
      throw new Error(`${path} does not hold "${line.trim()}":\n${told.slice(0, 2_000)}`);
}
