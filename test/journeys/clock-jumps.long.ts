// A machine's clock that jumps: a paused virtual machine that wakes days later, a clock that is set right by an hour.
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock, type Clock } from "#platform/kit/clock.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { openTestShop } from "#platform/testing/shop.ts";
import { shop as file } from "../../shop.ts";
import { Shopper } from "./shopper.ts";
import { patientLimits } from "../lab/patient-limits.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The machine's clock, with the time of day somewhere else: what runs goes on. */
let jumpMs = 0;
const clock: Clock = {
  ...systemClock,
  now: () => new Date(systemClock.now().getTime() + jumpMs),
};
const person = { email: "ada@example.com", password: "seven-quiet-herons" };
const names = { firstName: "Ada", lastName: "Lovelace" };

interface SignedIn {
  readonly token: string;
}

test("after a jump, back or forward, everybody signs in, shops and is remembered at once", async () => {
  const shop = await openTestShop(file, { clock, environment: { CATALOG_DEMO: "true", ...patientLimits } });
  const signIn = async () => {
    const { status, body } = await shop.ask<SignedIn>("POST", "/api/users/login", { body: person });
    assert.equal(status, 200);
    // Others learn of a cut-off that came back from ahead when they next ask whom to believe, within two seconds.
    await eventually(`a token counts at ${clock.now().toISOString()}`, async () => {
      const profile = await shop.ask("GET", "/api/users/profile", { token: body.token });
      return profile.status === 200;
    });
    return body.token;
  };
  const known = new Shopper(shop.origin);
  const visit = async (shopper: Shopper) => {
    const added = await shopper.post(
      "/cart",
      { product_id: "OLJCESPC7Z", quantity: "1" },
      { origin: shop.origin },
    );
    assert.ok(added.status < 400, `the cart takes it at ${clock.now().toISOString()}: ${added.status}`);
    for (const page of ["/", "/cart", "/product/OLJCESPC7Z"])
      assert.equal((await shopper.get(page)).status, 200, `${page} at ${clock.now().toISOString()}`);
  };
  const registered = await shop.ask<SignedIn>("POST", "/api/users/register", {
    body: { ...person, ...names },
  });
  assert.equal(registered.status, 201);
  await visit(known);
  for (const jump of [-hourMs, 40 * dayMs, -2 * hourMs]) {
    jumpMs = jump;
    const token = await signIn();
    assert.equal((await shop.ask("POST", "/api/users/guest", { body: {} })).status, 201);
    await visit(known);
    await visit(new Shopper(shop.origin));
    // A changed password ends what was before it, by a cut-off that may later lie ahead.
    const change = { password: `${person.password}!`, currentPassword: person.password };
    const changed = await shop.ask<SignedIn>("PUT", "/api/users/profile", { token, body: change });
    assert.equal(changed.status, 200);
    await eventually("the token from before has ended", async () => {
      return (await shop.ask("GET", "/api/users/profile", { token })).status === 401;
    });
    person.password = change.password;
  }
});
