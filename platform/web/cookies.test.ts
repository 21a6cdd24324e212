import assert from "node:assert/strict";
import { test } from "node:test";
import { Cookies } from "./cookies.ts";

test("every cookie is set for two days, for all paths, and hidden from scripts and other sites", () => {
  const cookies = new Cookies(undefined, false);
  cookies.set("shop_currency", "EUR");
  assert.deepEqual(cookies.lines(), ["shop_currency=EUR; Max-Age=172800; Path=/; HttpOnly; SameSite=Lax"]);
});

test("over https cookies never travel in the open", () => {
  const cookies = new Cookies(undefined, true);
  cookies.set("a", "b");
  assert.match(cookies.lines()[0] ?? "", /; Secure$/);
});

test("any session text survives the way out and back and cannot add a line or an attribute", () => {
  for (const value of [
    "x-readiness-probe",
    "a;b=c",
    "ü\r\nSet-Cookie: x=y",
    "a b,c",
    '"quoted"',
    "%",
    "%zz",
  ]) {
    const out = new Cookies(undefined, false);
    out.set("shop_session-id", value);
    const pair = out.lines()[0]?.split("; ")[0] ?? "";
    assert.match(pair, /^shop_session-id=[\w%.!~*'()-]*$/);
    assert.equal(new Cookies(`a=b; ${pair}`, false).get("shop_session-id"), value);
  }
});

test("signing out ends every cookie that came, and names that would break the answer are passed over", () => {
  const cookies = new Cookies("shop_session-id=1; other=2; bad name=3; ba\r\nd=4; =5; noequals", false);
  cookies.expireAll();
  const names = cookies.lines().map((line) => /^([^=]*)=; Max-Age=0;/.exec(line)?.[1]);
  assert.deepEqual(names, ["shop_session-id", "other"]);
});

test("of two cookies with one name the first counts", () => {
  assert.equal(new Cookies("a=1; a=2", false).get("a"), "1");
});
