import assert from "node:assert/strict";
import { test } from "node:test";
import { TestClock } from "#platform/testing/test-clock.ts";
import { Cookies } from "./cookies.ts";
import { SignIn, type SessionTokens } from "./sign-in.ts";

const clock = new TestClock();
const names = { token: "t", refresh: "r", path: "/staff" };
const session = (token: string): SessionTokens => ({
  token,
  refreshToken: `${token}-refresh`,
  expiresAt: new Date(clock.now().getTime() + 3_600_000).toISOString(),
});

function open(header: string, renewed: SessionTokens | undefined = session("new")) {
  const cookies = new Cookies(header, false);
  let renewals = 0;
  const renew = () => {
    renewals += 1;
    return Promise.resolve(renewed);
  };
  return { cookies, signIn: new SignIn({ cookies, names, clock, renew }), renewals: () => renewals };
}

test("a session that starts is kept in cookies of its own path, the token no longer than it is good for", () => {
  const { cookies, signIn } = open("");
  assert.equal(signIn.isSignedIn, false);
  signIn.start(session("abc"));
  assert.deepEqual(cookies.lines(), [
    "t=abc; Max-Age=3540; Path=/staff; HttpOnly; SameSite=Lax",
    "r=abc-refresh; Max-Age=172800; Path=/staff; HttpOnly; SameSite=Lax",
  ]);
});

test("a token that was refused is renewed once, however many ask", async () => {
  const { cookies, signIn, renewals } = open("t=old; r=again");
  assert.equal(await signIn.get(), "old");
  signIn.drop("another");
  assert.equal(signIn.find(), "old", "only the token that was refused is dropped");
  signIn.drop("old");
  assert.deepEqual(await Promise.all([signIn.get(), signIn.get()]), ["new", "new"]);
  assert.equal(renewals(), 1);
  assert.match(cookies.lines().join("\n"), /^t=new;.*\nr=new-refresh;/);
});

test("a refresh token that is not accepted ends the session", async () => {
  const over = open("r=again");
  const { cookies } = over;
  const signIn = new SignIn({ cookies, names, clock, renew: () => Promise.resolve(undefined) });
  assert.equal(await signIn.get(), undefined);
  assert.equal(signIn.isSignedIn, false);
  assert.match(cookies.lines().join("\n"), /t=; Max-Age=0; Path=\/staff;.*\nr=; Max-Age=0; Path=\/staff;/);
});

test("once cookies cannot be sent any more, nothing is renewed", async () => {
  const { cookies, signIn, renewals } = open("t=old; r=again");
  signIn.hold();
  signIn.drop("old");
  assert.equal(await signIn.get(), undefined);
  assert.equal(renewals(), 0);
  assert.deepEqual(cookies.lines(), []);
});
