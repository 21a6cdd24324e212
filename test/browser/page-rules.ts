// What holds on every page of the shop, at every width.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";

const program = readFileSync(join(import.meta.dirname, "in-page.js"), "utf8").replace(
  "export const",
  "const",
);

export const widths = [360, 390, 1280] as const;

async function ask<Answer>(page: Page, question: string): Promise<Answer> {
  return await page.evaluate<Answer>(`(() => { ${program}\nreturn inPage.${question}(); })()`);
}

/** Everything that is wrong with the page as it stands, at its width and at the others. */
export async function faultsOf(page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (const question of ["nameless", "structure", "pale"])
    faults.push(...(await ask<string[]>(page, question)));
  faults.push(...(await brokenPictures(page)));
  const size = page.viewportSize();
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 });
    for (const question of ["wide", "unreachable"]) faults.push(...(await ask<string[]>(page, question)));
  }
  if (size) await page.setViewportSize(size);
  return faults;
}

async function brokenPictures(page: Page): Promise<string[]> {
  await ask(page, "wakePictures");
  const untilMs = performance.now() + 10_000;
  while (!(await ask<boolean>(page, "arePicturesDone")) && performance.now() < untilMs)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return await ask<string[]>(page, "brokenPictures");
}

interface Focused {
  readonly name: string;
  readonly isVisible: boolean;
}

const stopsMax = 150;

/** Where the Tab key leads from the top of the page, until it comes round. */
export async function tabStops(page: Page): Promise<Focused[]> {
  const stops: Focused[] = [];
  while (stops.length < stopsMax) {
    await page.keyboard.press("Tab");
    const stop = await ask<Focused | undefined>(page, "focused");
    if (!stop) break;
    stops.push(stop);
  }
  return stops;
}
