// What a restore leaves that was killed: known by its name, taken away by the next one, and never taken for a shop.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { StartError } from "#platform/kit/start-error.ts";
import { processIdentity } from "#platform/postgres/process-identity.ts";

/** Names that the parts of a restore have. */
export const draftPrefix = "restoring-";

/** The list of what is moved from a draft that is whole into the data folder. */
export const wholeMark = "whole";

/** Whether this name in the data folder is of a restore that did not come to its end. */
export function isOfCutOff(target: string, name: string): boolean {
  if (name.startsWith(draftPrefix)) return true;
  return cutOffNames(target).includes(name);
}

/** What a restore that died while it moved its parts has moved. */
function cutOffNames(target: string): string[] {
  return readdirSync(target)
    .filter((name) => name.startsWith(draftPrefix) && existsSync(join(target, name, wholeMark)))
    .flatMap((name) => [...readdirSync(target).filter((one) => wasMoved(join(target, name), one))]);
}

function wasMoved(top: string, name: string): boolean {
  const listed = readFileSync(join(top, wholeMark), "utf8").split("\n");
  return listed.includes(name) && !existsSync(join(top, "content", name));
}

/** Takes away what restores have left that were killed. */
export function removeCutOff(target: string): void {
  const above = dirname(target);
  const beside = existsSync(above) ? readdirSync(above) : [];
  for (const name of beside)
    if (name.startsWith(`${basename(target)}.${draftPrefix}`) && isDead(name))
      rmSync(join(above, name), { recursive: true, force: true });
  if (!existsSync(target)) return;
  for (const name of cutOffNames(target)) rmSync(join(target, name), { recursive: true, force: true });
  for (const name of readdirSync(target))
    if (name.startsWith(draftPrefix) && isDead(name))
      rmSync(join(target, name), { recursive: true, force: true });
}

function isDead(name: string): boolean {
  const identity = name.slice(name.indexOf(draftPrefix) + draftPrefix.length);
  return processIdentity(Number.parseInt(identity, 10)) !== identity;
}

/** Throws a StartError for a folder into which a restore was putting a shop when it was cut off: there is less in it than it seems. */
export function requireNoCutOffRestore(dataFolder: string): void {
  const target = resolve(dataFolder);
  if (!existsSync(target)) return;
  const half = readdirSync(target).find(
    (name) => name.startsWith(draftPrefix) && existsSync(join(target, name, wholeMark)),
  );
  if (half === undefined) return;
  throw new StartError(
    `A restore into ${target} was cut off. Run it again, with stoa restore; it begins anew by itself.`,
  );
}
