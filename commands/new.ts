import { existsSync } from "node:fs";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { makeFolder } from "#platform/kit/folders.ts";
import { StartError } from "#platform/kit/start-error.ts";
import type { CommandContext } from "./command.ts";
import { packageSource } from "./package-source.ts";

const template = fileURLToPath(new URL("../templates/shop/", import.meta.url));

/** `new <folder>`: makes a project with a shop file, an example extension and a theme; touches no file that is there. */
export async function newShop({ args, print }: CommandContext): Promise<void> {
  const [folder = ""] = args;
  const target = resolve(folder);
  const name = basename(target).toLowerCase();
  if (!/^[a-z0-9][a-z0-9._-]{0,100}$/.test(name))
    throw new StartError(
      `"${basename(target)}" cannot name a project: letters, digits, dots and dashes are allowed.`,
    );
  if (existsSync(target) && (await readdir(target)).length > 0)
    throw new StartError(`${target} is there already and not empty. Choose another folder.`);
  const stoa = await packageSource(fileURLToPath(new URL("..", import.meta.url)), target);
  const words = { name, title: titleOf(name), stoa };
  const entries = await readdir(template, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const from = join(entry.parentPath, entry.name);
    const to = join(target, relative(template, from).replace("package.template.json", "package.json"));
    makeFolder(dirname(to));
    await writeFile(to, filled(await readFile(from, "utf8"), words));
  }
  await writeFile(join(target, ".gitignore"), "node_modules/\n.stoa/\n.env\n");
  print(
    `The shop ${words.title} is in ${target}. Next:\n\n  cd ${relative(process.cwd(), target) || "."}\n  npm install\n  npm start\n`,
  );
}

function filled(text: string, words: { readonly [name: string]: string }): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => words[name] ?? whole);
}

function titleOf(name: string): string {
  return name
    .split(/[._-]+/)
    .filter((word) => word !== "")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
}
