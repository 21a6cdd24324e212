import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { SMTPServer } from "smtp-server";
import { systemClock } from "#platform/kit/clock.ts";
import { readConfig } from "#platform/kit/config.ts";
import type { ProviderKit } from "#platform/kit/extension.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { testShop } from "#platform/testing/services.ts";
import { mailSenderContract, type MailReceiver } from "./provider.contract.ts";
import { smtpTransport } from "./smtp-transport.ts";

type SmtpKit = ProviderKit<typeof smtpTransport.config>;

const open = async (environment: Record<string, string>) => {
  const config = readConfig(smtpTransport.config, environment);
  const kit = { service: "email", config, clock: systemClock, log: silentLog, shop: testShop() } as SmtpKit;
  return await smtpTransport.create(kit, { from: { name: "Stoa", address: "orders@shop.example" } });
};

mailSenderContract("smtp", async (): Promise<MailReceiver> => {
  const received: { to: string[]; source: string }[] = [];
  let code: number | undefined;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onRcptTo: (_, __, callback) =>
      code === undefined ? callback() : callback(Object.assign(new Error("No."), { responseCode: code })),
    onData: (stream, { envelope }, callback) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const to = envelope.rcptTo.map(({ address }) => address);
        received.push({ to, source: Buffer.concat(chunks).toString() });
        callback();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const leave = async () => await new Promise<void>((resolve) => server.close(() => resolve()));
  after(() => server.close());
  const { port } = server.server.address() as AddressInfo;
  const sender = await open({ EMAIL_SMTP_URL: `smtp://127.0.0.1:${port}` });
  if (!sender) throw new Error("There is no sender although a mail server is named.");
  const codes = { take: undefined, later: 451, never: 550 };
  return { sender, received: () => received, answer: (how) => (code = codes[how]), leave };
});

test("without a mail server there is no sender, and mails are kept", async () => {
  assert.equal(await open({}), undefined);
});

test("the mail server is a secret with an address", () => {
  const config = readConfig(smtpTransport.config, { EMAIL_SMTP_URL: "smtp://shop:Xq9%21@mail.example:587" });
  assert.equal(config.EMAIL_SMTP_URL?.reveal(), "smtp://shop:Xq9%21@mail.example:587");
  assert.doesNotMatch(JSON.stringify(config), /Xq9/);
  for (const text of ["mail.example", "http://mail.example", "smtp://"])
    assert.throws(
      () => readConfig(smtpTransport.config, { EMAIL_SMTP_URL: text }),
      /must begin with smtp:\/\//,
    );
});
