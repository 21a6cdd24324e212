// The ops room as one of the staff sees it: on a phone and on a desk, live, and while a service is killed again and again.
import { readdirSync, readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { admin, startShop } from "./running-shop.ts";
import { check } from "./tally.ts";
import { Visitor, type Screen } from "./visitor.ts";

const rooms: readonly (readonly [path: string, heading: string])[] = [
  ["", "Ops room"],
  ["/services", "Services"],
  ["/traces?only=slow", "Traces"],
  ["/logs?level=info", "Log lines"],
  ["/work", "Work that waits"],
  ["/checkouts", "Checkouts in flight"],
  ["/books", "Books and backups"],
];

/** Every room of the ops room on one screen, and whether it moves by itself. */
export async function watchOps(browser: Browser, origin: string, screen: Screen): Promise<void> {
  const staff = await enter(browser, origin, screen);
  for (const [path, heading] of screen.hasScripts ? rooms : rooms.slice(0, 4)) {
    await staff.open(`/admin/ops${path}`);
    await staff.sees(heading);
    await staff.look(heading);
  }
  await staff.open("/admin/ops/traces?only=slow");
  await staff.page.locator(".list td a").first().click();
  await staff.page.locator(".waterfall summary").first().waitFor();
  await staff.page.locator(".waterfall summary").first().click();
  await staff.look("One trace");
  await staff.open("/admin/ops");
  const tiles = staff.page.locator('[data-part="tiles"]');
  const before = await tiles.innerHTML();
  if (screen.hasScripts) {
    for (let count = 0; count < 40; count += 1) await fetch(`${origin}/api/products`);
    const has = await comes(async () => (await tiles.innerHTML()) !== before, 8_000);
    check(`The figures move without a reload, ${staff.words}`, has !== undefined);
    const isStale = await staff.page.locator("[data-stale]").isVisible();
    check(`A page that is live does not say that it is not, ${staff.words}`, !isStale);
  } else check("Without scripts the page says so", await staff.page.locator("noscript p").isVisible());
  await staff.leave();
}

/** A service that dies, and dies again whenever it comes back, is told of within five seconds: also the one that knows who the staff is. */
export async function seeKilledService(browser: Browser): Promise<void> {
  const shop = await startShop("split");
  const isExpected = (url: string) => url.startsWith(shop.origin);
  const staff = await enter(browser, shop.origin, { width: 390, hasScripts: true }, isExpected);
  const ending = new AbortController();
  try {
    await staff.open("/admin/ops");
    const says = async (text: RegExp) =>
      text.test((await staff.page.locator('[data-part="verdict"]').textContent()) ?? "");
    const rested = await comes(async () => !(await says(/does not answer/)), 20_000);
    check("A split shop that has just opened has all its services", rested !== undefined);
    for (const service of ["catalog", "user"]) {
      const killing = keepKilling(shop.pid, service, ending.signal);
      const seenMs = await comes(async () => await says(new RegExp(`\\b${service} does not answer`)), 20_000);
      console.log(
        `        ${service} was killed and seen ${seenMs === undefined ? "never" : `after ${seenMs} ms`}`,
      );
      check(`${service}, killed, is seen within 5 s`, seenMs !== undefined && seenMs <= 5_000);
      if (service === "catalog") killing.stop();
    }
    await staff.page.reload();
    check("The ops room opens while nobody can say who people are", await says(/user does not answer/));
  } finally {
    ending.abort();
    await staff.leave();
    await shop.close();
  }
}

async function enter(
  browser: Browser,
  origin: string,
  screen: Screen,
  isExpected?: (url: string) => boolean,
): Promise<Visitor> {
  const staff = await Visitor.arrive(browser, origin, screen, isExpected);
  await staff.open("/admin/login?next=/admin/ops");
  await staff.fill({ Email: admin.email, Password: admin.password });
  await staff.press("Sign in");
  await staff.sees("Ops room");
  return staff;
}

/** How long it took until the condition held; undefined when it never did. */
async function comes(holds: () => Promise<boolean>, withinMs: number): Promise<number | undefined> {
  const startedMs = performance.now();
  while (performance.now() - startedMs < withinMs) {
    if (await holds()) return Math.round(performance.now() - startedMs);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return undefined;
}

/** The keeper of a split shop starts a service again at once, so one kill is over before anybody has looked. */
function keepKilling(parent: number, service: string, signal: AbortSignal): { stop(): void } {
  const kill = () => {
    for (const pid of childrenOf(parent, service)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It has just ended by itself.
      }
    }
  };
  kill();
  const timer = setInterval(kill, 100);
  const stop = () => clearInterval(timer);
  signal.addEventListener("abort", stop);
  return { stop };
}

/** Processes of the shop's own that run this service. */
function childrenOf(parent: number, service: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const line = readOf(`/proc/${pid}/cmdline`).split("\0");
      const stat = readOf(`/proc/${pid}/stat`);
      const isChild = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] === String(parent);
      return isChild && line.includes("serve") && line.includes(service);
    })
    .map(Number);
}

function readOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
