import { createTransport } from "nodemailer";
import { PermanentRefusal, type MailSender } from "./provider.ts";

export interface SmtpOptions {
  readonly url: string;
  readonly from: { readonly name: string; readonly address: string };
}

/** Sends over SMTP, two connections at most, each step within ten seconds. */
export function createSmtpSender({ url, from }: SmtpOptions): MailSender {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 2,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 10_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const host = from.address.slice(from.address.lastIndexOf("@") + 1);
  return {
    send: async ({ id, recipient, subject, html, text }) => {
      try {
        await transport.sendMail({
          // The same at every try, so that a mail sent twice after a crash can be recognised.
          messageId: `<${id}@${host}>`,
          from,
          to: { name: "", address: recipient },
          subject,
          html,
          text,
          headers: { "Auto-Submitted": "auto-generated" },
        });
      } catch (error) {
        throw isPermanent(error) ? new PermanentRefusal(messageOf(error), { cause: error }) : error;
      }
    },
    close: () => transport.close(),
  };
}

/** Only what the server says about this mail counts; a wrong password is ours to mend, and the mail waits for that. */
function isPermanent(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error) || !("responseCode" in error)) return false;
  return (error.code === "EENVELOPE" || error.code === "EMESSAGE") && Number(error.responseCode) >= 500;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
