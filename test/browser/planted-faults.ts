// Each rule is shown a page that breaks it, and must say so; otherwise its silence elsewhere would mean nothing.
import type { Browser } from "playwright-core";
import { madeFrom, payload } from "./attack.ts";
import { missing } from "./keyboard.ts";
import { faultsOf, tabStops } from "./page-rules.ts";
import { watch } from "./page-watch.ts";
import { check } from "./tally.ts";

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Faults</title>
<style>a:focus { outline: none }</style>
<h1>One</h1><h1>Two</h1><p id="same">a</p><p id="same">b</p>
<div style="width: 500px">wide</div><img src="/planted-picture" alt="">
<p style="color: #aaa; background: #fff">too pale</p><table><tr><th></th></tr></table>
<button aria-label="Something else">Buy now</button>
<div style="overflow: auto; width: 100px"><div style="width: 300px">far</div></div>
<input name="unlabelled"><button></button><a href="/">Home</a>
${payload}
<script>console.error("a complaint"); alert("hello"); throw new Error("a mistake")</script>`;

const expected = [
  "2 headings of the first level",
  "the id same stands twice",
  'input "unlabelled" has no label',
  'button "" has no label',
  '"too pale" has a contrast of 2.32',
  "a column has no name",
  "is named otherwise than it shows",
  "scrolls for a mouse only",
  "/planted-picture shows nothing",
  "the page is",
  "console: a complaint",
  "dialog: hello",
  "script: a mistake",
  "404 for GET",
];

export async function rulesSeeFaults(browser: Browser, origin: string): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 390, height: 900 } });
  const heard = watch(context);
  const shown = await context.newPage();
  await shown.route("**/planted", (route) => route.fulfill({ contentType: "text/html", body: page }));
  await shown.goto(`${origin}/planted`);
  const faults = [...(await faultsOf(shown)), ...heard.take()];
  for (const fault of expected)
    check(`A planted fault is seen: ${fault}`, faults.some((found) => found.includes(fault)) ? [] : faults);
  check("A payload that runs is seen", (await madeFrom(shown)).length === 2);
  const stops = await tabStops(shown);
  const isSeen = stops.some(({ name, isVisible }) => name.includes("Home") && !isVisible);
  check("A focus that is not shown is seen", isSeen ? [] : [JSON.stringify(stops)]);
  const names = stops.map(({ name }) => name);
  check("A wrong order of stops is seen", missing(["Home", "unlabelled"], names).length === 1);
  await refusedContentIsHeard(browser, origin);
  await context.close();
}

/** A page of the shop, with its own policy, into which somebody has put a script. */
async function refusedContentIsHeard(browser: Browser, origin: string): Promise<void> {
  const context = await browser.newContext();
  const heard = watch(context);
  const shown = await context.newPage();
  await shown.route(`${origin}/`, async (route) => {
    const answer = await route.fetch();
    const body = (await answer.text()).replace("</body>", `${payload}</body>`);
    await route.fulfill({ response: answer, body });
  });
  await shown.goto(`${origin}/`);
  await shown.waitForLoadState("load");
  const faults = heard.take();
  check(
    "Content that the policy refuses is heard",
    faults.some((fault) => /Content Security Policy/i.test(fault)) ? [] : ["silence", ...faults],
  );
  const ran = await shown.evaluate<boolean>("window.hasRunForeignCode !== undefined");
  check("The policy stops a script that got into a page", !ran);
  await context.close();
}
