// A buyer at the stand-in, who acts over HTTP as a browser does: in their element, or on the hosted page.
import assert from "node:assert/strict";
import type { BuyerAction } from "../../../services/payment/provider.ts";
import { keys, type StandIn } from "./stand-in.ts";

export const goodCard = "4242424242424242";
export const refusedCard = "4000000000000002";
export const challengedCard = "4000002760003184";

export interface Challenge {
  passes(): Promise<void>;
  fails(): Promise<void>;
}

/** Gives a card where the action says. Answers the challenge of the bank, if it has one. */
export async function giveCard(
  action: BuyerAction,
  number: string,
  standIn: StandIn,
): Promise<Challenge | undefined> {
  const { redirectUrl = "", clientSecret = "" } = action;
  return redirectUrl === ""
    ? await giveInElement(standIn.url, clientSecret, number)
    : await giveOnPage(redirectUrl, number);
}

async function giveInElement(url: string, secret: string, number: string): Promise<Challenge | undefined> {
  const id = secret.split("_secret_")[0] ?? "";
  const form = new URLSearchParams({
    key: keys.publishable,
    client_secret: secret,
    return_url: `${url}/returned`,
    "payment_method_data[type]": "card",
    "payment_method_data[card][number]": number,
  });
  const answer = await fetch(`${url}/v1/payment_intents/${id}/confirm`, { method: "POST", body: form });
  if (answer.status === 402) return undefined;
  assert.equal(answer.status, 200);
  const { next_action: next } = (await answer.json()) as {
    next_action: { redirect_to_url: { url: string } } | null;
  };
  return next ? challengeAt(next.redirect_to_url.url) : undefined;
}

async function giveOnPage(url: string, number: string): Promise<Challenge | undefined> {
  const body = new URLSearchParams({ number });
  const answer = await fetch(url, { method: "POST", body, redirect: "manual" });
  const location = answer.headers.get("location") ?? "";
  assert.ok([303, 402].includes(answer.status), `The hosted page answered ${answer.status}.`);
  return location.includes("/challenge/") ? challengeAt(location) : undefined;
}

function challengeAt(url: string): Challenge {
  const end = async (outcome: string) => {
    const body = new URLSearchParams(new URL(url).searchParams);
    body.set("outcome", outcome);
    const answer = await fetch(url, { method: "POST", body, redirect: "manual" });
    assert.equal(answer.status, 303);
  };
  return { passes: () => end("passes"), fails: () => end("fails") };
}
