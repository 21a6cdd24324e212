// What every answer to the mail port promises.
import assert from "node:assert/strict";
import { it } from "node:test";
import { newId } from "#platform/kit/ids.ts";
import { PermanentRefusal, type MailSender, type OutgoingMail } from "./provider.ts";

/** The other side of a transport, as its test controls it. */
export interface MailReceiver {
  readonly sender: MailSender;
  /** What came in, raw. */
  readonly received: () => readonly { readonly to: readonly string[]; readonly source: string }[];
  /** What happens to mails from now on. */
  readonly answer: (how: "take" | "later" | "never") => void;
  /** From now on nobody is there. */
  readonly leave: () => Promise<void>;
}

function mail(): OutgoingMail {
  const id = newId();
  return {
    id,
    recipient: "ada@example.com",
    subject: `Order ${id}`,
    html: `<p>Html ${id}</p>`,
    text: `Text ${id}`,
  };
}

/** Runs the suite over one implementation; `open` makes it, and a receiver of its own, as a shop would. */
export function mailSenderContract(name: string, open: () => Promise<MailReceiver>): void {
  it(`${name}: a mail arrives at its one recipient with subject, both bodies and its id`, async () => {
    const { sender, received } = await open();
    const sent = mail();
    await sender.send(sent);
    const [got, ...others] = received();
    assert.equal(others.length, 0);
    assert.deepEqual(got?.to, [sent.recipient]);
    for (const part of [sent.subject, sent.html, sent.text]) assert.ok(got?.source.includes(part), part);
    sender.close();
  });

  it(`${name}: a mail that is sent again carries the same id, and another mail another one`, async () => {
    const { sender, received } = await open();
    const [one, other] = [mail(), { ...mail(), subject: "S", html: "H", text: "T" }];
    for (const each of [one, one, other]) await sender.send(each);
    const holds = (id: string) => received().filter(({ source }) => source.includes(id)).length;
    assert.deepEqual([holds(one.id), holds(other.id)], [2, 1]);
    sender.close();
  });

  it(`${name}: "later" rejects and is no refusal for good, "never" is one; the next mail passes`, async () => {
    const { sender, received, answer } = await open();
    answer("later");
    await assert.rejects(sender.send(mail()), (error) => !(error instanceof PermanentRefusal));
    answer("never");
    await assert.rejects(sender.send(mail()), PermanentRefusal);
    assert.equal(received().length, 0);
    answer("take");
    await sender.send(mail());
    assert.equal(received().length, 1);
    sender.close();
  });

  it(`${name}: where nobody answers, sending rejects and is no refusal for good; closing may be repeated`, async () => {
    const { sender, leave } = await open();
    await leave();
    await assert.rejects(sender.send(mail()), (error) => !(error instanceof PermanentRefusal));
    sender.close();
    sender.close();
  });
}
