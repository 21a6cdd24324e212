import type { FullMail } from "#gen/rest/types.ts";
import { page, type Answer, type Route } from "#platform/web/answer.ts";
import { ListAddress } from "#platform/web/table.ts";
import { Refusal } from "../refusal.ts";
import { noStore } from "../router.ts";
import { mailsView, mailView } from "../views/mails.ts";
import type { AdminVisit } from "../visit.ts";

export const mailRoutes: readonly Route<AdminVisit>[] = [
  { method: "GET", url: "/mail", page: mailsPage },
  { method: "GET", url: "/mail/:id", page: mailPage },
  { method: "GET", url: "/mail/:id/html", page: mailHtml },
];

async function mailsPage(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaff();
  const address = new ListAddress("/admin/mail", visit.query);
  const mails = await visit.ask("listMails", { query: { limit: 50, cursor: address.get("cursor") } });
  const body = mailsView(visit.words, { address, mails });
  return page(visit.words.text("mails.heading"), body, { headers: noStore });
}

async function mailPage(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaff();
  const mail = await getMail(visit);
  return page(mail.subject, mailView(visit.words, mail), { headers: noStore });
}

/** The mail as its reader sees it, locked up: no scripts, no forms, no cookies, no other origin. */
async function mailHtml(visit: AdminVisit): Promise<Answer> {
  await visit.requireStaff();
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

async function getMail(visit: AdminVisit): Promise<FullMail> {
  const id = visit.params["id"] ?? "";
  if (!/^[\w-]{1,100}$/.test(id)) throw new Refusal(404, "notFound");
  return await visit.ask("getMail", { path: { id } });
}
