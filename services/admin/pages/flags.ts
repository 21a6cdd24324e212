import { ApiProblem } from "#gen/rest/rest-client.ts";
import type { FlagList } from "#gen/rest/types.ts";
import { page, redirect, type Answer, type Route } from "#platform/web/answer.ts";
import { problemText } from "../refusal.ts";
import { noStore } from "../router.ts";
import { faultKinds, flagsView, rulesOf, type FaultForm, type FlagForm } from "../views/flags.ts";
import type { AdminVisit } from "../visit.ts";

export const flagRoutes: readonly Route<AdminVisit>[] = [
  { method: "GET", url: "/flags", page: async (visit) => await flagsPage(visit, {}) },
  { method: "POST", url: "/flags/:name", page: switchFlag },
  { method: "POST", url: "/faults", page: addFault },
  { method: "POST", url: "/faults/end", page: endFaults },
];

interface Told {
  readonly status?: number;
  readonly message?: string;
  readonly flag?: FlagForm;
  readonly fault?: FaultForm;
}

async function flagsPage(visit: AdminVisit, { status = 200, ...told }: Told): Promise<Answer> {
  const user = await visit.requireStaff();
  const list = await visit.ask("listFlags", {});
  const body = flagsView(visit.words, { list, user, now: visit.ctx.clock.now(), ...told });
  return page(visit.words.text("flags.heading"), body, { status, headers: noStore });
}

async function switchFlag(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaff();
  const name = visit.params["name"] ?? "";
  const field = (key: string) => (visit.form.get(key) ?? "").trim();
  const flag = { name, value: field("value"), share: field("share"), reason: field("reason") };
  return await changing(visit, { flag }, async () => {
    if (field("what") === "back") return await takeBack(visit, name, flag.reason);
    const share = Number(flag.share.replace(",", ".") || "100") / 100;
    await visit.ask("switchFlag", {
      path: { name },
      body: {
        value: typedValue(flag.value),
        share: Number.isFinite(share) ? share : -1,
        reason: flag.reason,
      },
    });
  });
}

/** JSON where it is some; every other text is a text. */
function typedValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function takeBack(visit: AdminVisit, name: string, reason: string): Promise<void> {
  await visit.ask("takeBackSwitch", { path: { name }, query: { reason } });
}

async function addFault(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaff();
  const field = (key: string) => (visit.form.get(key) ?? "").trim();
  const fault: FaultForm = {
    where: field("where"),
    share: field("share"),
    kind: faultKinds.find((kind) => kind === field("kind")) ?? "delay",
    delayMs: field("delayMs"),
    refuse: field("refuse"),
    header: field("header"),
    minutes: field("minutes"),
    reason: field("reason"),
  };
  return await changing(visit, { fault }, async () => {
    const rules = rulesOf(await visit.ask("listFlags", {}), visit.ctx.clock.now());
    await setFaults(visit, [...rules, ruleOf(fault, visit.ctx.clock.now())], fault.reason);
  });
}

/** As it was typed: the API says what is wrong with it. */
function ruleOf({ where, share, kind, delayMs, refuse, header, minutes }: FaultForm, now: Date): object {
  const end = new Date(now.getTime() + (Number(minutes) || 0) * 60_000);
  return {
    where,
    share: Number(share.replace(",", ".")) / 100,
    ...(delayMs === "" ? {} : { delayMs: Number(delayMs) }),
    ...(kind === "delay" ? {} : kind === "refuse" ? { refuse } : { fail: kind }),
    ...(header === "" ? {} : { header: `X-Stoa-Fault: ${header}` }),
    until: end.toISOString(),
  };
}

/** One of them by its number, or all. */
async function endFaults(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaff();
  const reason = (visit.form.get("reason") ?? "").trim();
  const which = visit.form.get("which") ?? "all";
  return await changing(visit, {}, async () => {
    if (which === "all") return await takeBack(visit, "faults", reason);
    const rules = rulesOf(await visit.ask("listFlags", {}), visit.ctx.clock.now());
    const left = rules.filter((_, index) => String(index) !== which);
    if (left.length === 0) await takeBack(visit, "faults", reason);
    else await setFaults(visit, left, reason);
  });
}

async function setFaults(visit: AdminVisit, value: readonly object[], reason: string): Promise<FlagList> {
  return await visit.ask("switchFlag", { path: { name: "faults" }, body: { value, reason } });
}

/** Shows what was typed again, with the sentence, when it is refused. */
async function changing(visit: AdminVisit, typed: Told, work: () => Promise<unknown>): Promise<Answer> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ApiProblem) || ![400, 403, 404, 409, 422].includes(error.status)) throw error;
    const message = problemText(visit.words, error, visit.words.text("flags.wrong"));
    return await flagsPage(visit, { ...typed, message, status: error.status === 400 ? 422 : error.status });
  }
  return redirect("/admin/flags", 303);
}
