import { page, type Answer, type Route } from "#platform/web/answer.ts";
import type { FullMail } from "#gen/rest/types.ts";
import { pageNotFound } from "../refusal.ts";
import { adminView, mailsView, mailView, statuses } from "../views/admin.ts";
import type { Visit } from "../visit.ts";
import { requireAdminVisit } from "./account.ts";

export const adminRoutes: readonly Route<Visit>[] = [
  { method: "GET", url: "/admin", page: adminPage },
  { method: "GET", url: "/admin/mail", page: mailsPage },
  { method: "GET", url: "/admin/mail/:id", page: mailPage },
  { method: "GET", url: "/admin/mail/:id/html", page: mailHtml },
];

async function adminPage(visit: Visit): Promise<Answer> {
  await requireAdminVisit(visit);
  const cursor = visit.query.get("cursor") || undefined;
  const status = statuses.find((one) => one === visit.query.get("status"));
  const orders = await visit.ask("listOrders", { query: { limit: 20, cursor, status } });
  return page("Run the shop", adminView(orders, status), { headers: noStore });
}

async function mailsPage(visit: Visit): Promise<Answer> {
  await requireAdminVisit(visit);
  const cursor = visit.query.get("cursor") || undefined;
  const mails = await visit.ask("listMails", { query: { limit: 50, cursor } });
  return page("Mails", mailsView(mails), { headers: noStore });
}

async function mailPage(visit: Visit): Promise<Answer> {
  await requireAdminVisit(visit);
  const mail = await getMail(visit);
  return page(mail.subject, mailView(mail), { headers: noStore });
}

/** The mail as its reader sees it, locked up: no scripts, no forms, no cookies, no other origin. */
async function mailHtml(visit: Visit): Promise<Answer> {
  await requireAdminVisit(visit);
  const { html } = await getMail(visit);
  const policy =
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https:; frame-ancestors 'self'";
  return {
    kind: "bytes",
    type: "text/html; charset=utf-8",
    body: html,
    headers: { ...noStore, "content-security-policy": policy, "x-frame-options": "SAMEORIGIN" },
  };
}

async function getMail(visit: Visit): Promise<FullMail> {
  const id = visit.params["id"] ?? "";
  if (!/^[\w-]{1,100}$/.test(id)) throw pageNotFound("This mail");
  return await visit.ask("getMail", { path: { id } });
}

const noStore = { "cache-control": "private, no-store" };
