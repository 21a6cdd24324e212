import { setting } from "#platform/kit/config.ts";
import { defineProvider } from "#platform/kit/extension.ts";
import { mailPort } from "./provider.ts";
import { createSmtpSender } from "./sender.ts";

const smtpUrl = setting.optionalSecret({
  doc: "Mail server, as smtp://user:password@host:port or smtps://…; without one, mails are kept for admins to read and not sent. Used when EMAIL_TRANSPORT is smtp.",
});

/** A mail server, or the drawer while none is named. */
export const smtpTransport = defineProvider(mailPort, {
  name: "smtp",
  config: {
    EMAIL_SMTP_URL: {
      ...smtpUrl,
      read: (text: string | undefined) => {
        const url = smtpUrl.read(text);
        if (url && !/^smtps?:\/\/[^/]/.test(url.reveal()))
          throw new Error("must begin with smtp:// or smtps:// and name a host");
        return url;
      },
    },
  },
  reaches: [{ setting: "EMAIL_SMTP_URL", ports: { smtp: 587, smtps: 465 } }],
  create: ({ config: { EMAIL_SMTP_URL } }, { from }) =>
    EMAIL_SMTP_URL && createSmtpSender({ url: EMAIL_SMTP_URL.reveal(), from }),
});
