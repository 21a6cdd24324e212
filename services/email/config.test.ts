import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "#platform/kit/config.ts";
import { EmailConfig } from "./config.ts";

test("the mail server is a secret with an address, and absent unless set", () => {
  assert.equal(readConfig(EmailConfig, {}).EMAIL_SMTP_URL, undefined);
  const config = readConfig(EmailConfig, { EMAIL_SMTP_URL: "smtp://shop:Xq9%21@mail.example:587" });
  assert.equal(config.EMAIL_SMTP_URL?.reveal(), "smtp://shop:Xq9%21@mail.example:587");
  assert.doesNotMatch(JSON.stringify(config), /Xq9/);
  for (const text of ["mail.example", "http://mail.example", "smtp://"])
    assert.throws(() => readConfig(EmailConfig, { EMAIL_SMTP_URL: text }), /must begin with smtp:\/\//);
});

test("the sender can carry no header", () => {
  for (const EMAIL_FROM of ["nobody", "a@b.example, c@d.example", "a@b.example\r\nBcc: e@f.example"])
    assert.throws(() => readConfig(EmailConfig, { EMAIL_FROM }), /must be one mail address/);
});
