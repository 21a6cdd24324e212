import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig } from "#platform/kit/config.ts";
import { EmailConfig } from "./config.ts";

test("the sender can carry no header", () => {
  for (const EMAIL_FROM of ["nobody", "a@b.example, c@d.example", "a@b.example\r\nBcc: e@f.example"])
    assert.throws(() => readConfig(EmailConfig, { EMAIL_FROM }), /must be one mail address/);
});
