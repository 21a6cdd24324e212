import { endpoint } from "../endpoint.ts";
import { fullMailJson, listJson, mailJson } from "../present.ts";
import { FullMail, MailDelivery, MailList, MailQuery } from "../schemas/mail.ts";

const listMails = endpoint({
  id: "listMails",
  method: "GET",
  path: "/api/mails",
  journey: "admin",
  tag: "Mails",
  summary: "List the mails the shop has sent, newest first",
  access: "admin",
  query: MailQuery,
  status: 200,
  answer: MailList,
  run: async (ctx, { query, call }) => {
    const { limit = 0, cursor = "", orderId = "" } = query;
    const page = await ctx.clients.email.listMails({ limit, cursor, orderId }, call);
    return listJson(page.mails.map(mailJson), page);
  },
});

const getMail = endpoint({
  id: "getMail",
  method: "GET",
  path: "/api/mails/:id",
  journey: "admin",
  tag: "Mails",
  summary: "Show a mail with its text",
  access: "admin",
  status: 200,
  answer: FullMail,
  refusals: { 404: ["MAIL_NOT_FOUND"] },
  run: async (ctx, { param, call }) =>
    fullMailJson((await ctx.clients.email.getMail({ id: param("id") }, call)).mail),
});

const describeDelivery = endpoint({
  id: "describeMailDelivery",
  method: "GET",
  path: "/api/mails/delivery",
  journey: "browse",
  tag: "Mails",
  summary: "Whether the shop sends mails, or only keeps them for its staff",
  access: "anyone",
  status: 200,
  answer: MailDelivery,
  run: async (ctx, { serviceCall }) => {
    const { isSent } = await ctx.clients.email.describeDelivery({}, serviceCall);
    return { isSent };
  },
});

export const mailEndpoints = [listMails, describeDelivery, getMail];
