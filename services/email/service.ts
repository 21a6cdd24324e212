import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { EmailService } from "#gen/stoa/email/v1/email_pb.js";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { defineService } from "#platform/kit/service.ts";
import { EmailConfig } from "./config.ts";
import { emailNeeds, openEmailContext } from "./context.ts";
import { hipsterEmail } from "./hipstershop.ts";
import { emailInbox } from "./inbox.ts";
import { forgetMailsJob } from "./jobs/forget-mails.ts";
import { mailPort } from "./provider.ts";
import { collectMailsJob } from "./jobs/collect-mails.ts";
import { describeDelivery } from "./rpc/describe-delivery.ts";
import { getMail } from "./rpc/get-mail.ts";
import { openOrderLink } from "./rpc/open-order-link.ts";
import { listMails } from "./rpc/list-mails.ts";
import { mailPasswordResetTask } from "./tasks/mail-password-reset.ts";
import { sendMailTask } from "./tasks/send-mail.ts";

export const email = defineService({
  name: "email",
  config: EmailConfig,
  database: "emails_db",
  migrations: new URL("./migrations/", import.meta.url),
  grpcPort: 5000,
  contracts: [EmailService, hipstershop.EmailService],
  needs: emailNeeds,
  ports: [
    {
      port: mailPort,
      setting: "EMAIL_TRANSPORT",
      doc: "Who takes mails to people: smtp (the mail server of EMAIL_SMTP_URL; without one, mails are kept).",
      default: "smtp",
      own: { smtp: async () => (await import("./smtp-transport.ts")).smtpTransport },
    },
  ],
  create: async (kit) => {
    const ctx = await openEmailContext(kit);
    const { sender } = ctx;
    return {
      rpc: [
        bindRpcs(EmailService, ctx, { listMails, getMail, describeDelivery, openOrderLink }),
        hipsterEmail(ctx),
      ],
      inbox: emailInbox(ctx),
      jobs: [
        forgetMailsJob(ctx.db, kit.config.EMAIL_RETENTION_DAYS),
        ...(sender ? [collectMailsJob(ctx)] : []),
      ],
      tasks: [mailPasswordResetTask(ctx), ...(sender ? [sendMailTask(ctx, sender)] : [])],
      close: async () => await Promise.resolve(sender?.close()),
    };
  },
});
