import { AppError } from "#platform/kit/errors.ts";
import { redirect, type Answer, type Route } from "#platform/web/answer.ts";
import { alertView } from "#platform/web/form.ts";
import { html, type Html } from "#platform/web/html.ts";
import { readBackups, readInvariants } from "../../ops/books.ts";
import { discardTasks, readCheckouts, readTasks, retryTasks } from "../../ops/work.ts";
import { Refusal } from "../../refusal.ts";
import { databasesView, invariantsView } from "../../views/ops/books.ts";
import { checkoutsView } from "../../views/ops/checkouts.ts";
import { deadView, statesView } from "../../views/ops/work.ts";
import type { AdminVisit } from "../../visit.ts";
import { opsAnswer } from "./answer.ts";

export const workRoutes: readonly Route<AdminVisit>[] = [
  { method: "GET", url: "/ops/work", page: async (visit) => await workPage(visit) },
  { method: "POST", url: "/ops/work", page: decideOnWork },
  { method: "GET", url: "/ops/checkouts", page: checkoutsPage },
  { method: "GET", url: "/ops/books", page: booksPage },
];

async function workPage(visit: AdminVisit, message?: string): Promise<Answer> {
  await visit.requireStaffToLook();
  const { ctx, words } = visit;
  const tasks = await readTasks(ctx);
  const atMs = ctx.clock.now().getTime();
  return opsAnswer(
    visit,
    {
      room: "work",
      heading: words.text("ops.work.heading"),
      still: html`${alertView(message)}${doneView(visit)}`,
      parts: [
        { name: "states", body: statesView(words, tasks) },
        {
          name: "dead",
          body: html`<h2>${words.text("ops.work.deadHeading")}</h2>
            ${deadView(words, tasks, atMs)}`,
        },
      ],
    },
    message === undefined ? 200 : 422,
  );
}

function doneView({ query, words }: AdminVisit): Html | undefined {
  const done = query.get("done") ?? "";
  if (!/^\d{1,4}$/.test(done)) return undefined;
  const text = words.text("ops.work.done", { count: Number(done) });
  return html`<p class="alert good" role="status">${text}</p>`;
}

/** Tries dead work again, or gives it up for good; for the latter somebody has to say why. */
async function decideOnWork(visit: AdminVisit): Promise<Answer> {
  const user = await visit.requireStaff();
  const field = (name: string) => (visit.form.get(name) ?? "").trim();
  const chosen = { service: field("service"), name: field("name"), key: field("key") };
  const decision = { actorUserId: user.id, reason: field("reason").slice(0, 500) };
  const action = field("action");
  if (chosen.name === "" || chosen.key === "" || (action !== "retry" && action !== "discard"))
    throw new Refusal(422, "request");
  if (action === "discard" && decision.reason === "")
    return await workPage(visit, visit.words.text("ops.work.reasonNeeded"));
  const decide = action === "retry" ? retryTasks : discardTasks;
  try {
    return redirect(`/admin/ops/work?done=${await decide(visit.ctx, chosen, decision)}`, 303);
  } catch (error) {
    if (error instanceof AppError) throw new Refusal(503, "tired", 5);
    throw error;
  }
}

async function checkoutsPage(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaffToLook();
  const { ctx, words } = visit;
  const checkouts = await readCheckouts(ctx);
  const body = checkouts
    ? checkoutsView(words, checkouts.items)
    : html`<p class="empty">${words.text("ops.unknown")}</p>`;
  const parts = [{ name: "checkouts", body }];
  return opsAnswer(visit, { room: "checkouts", heading: words.text("ops.checkouts.heading"), parts });
}

async function booksPage(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaffToLook();
  const { ctx, words } = visit;
  const [invariants, backups] = await Promise.all([readInvariants(ctx), readBackups(ctx)]);
  const atMs = ctx.clock.now().getTime();
  return opsAnswer(visit, {
    room: "books",
    heading: words.text("ops.books.heading"),
    parts: [
      { name: "invariants", body: invariantsView(words, invariants, atMs) },
      {
        name: "databases",
        body: html`<h2>${words.text("ops.books.databases")}</h2>
          ${databasesView(words, backups, atMs)}`,
      },
    ],
  });
}
