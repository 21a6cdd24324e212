import assert from "node:assert/strict";
import { test } from "node:test";
import { messagesOf, parseCheckout } from "./checkout-form.ts";
import { english } from "./testing/english.ts";
import { madeUpAddresses } from "./testing/made-up-addresses.ts";

const filled = {
  email: "ada@example.com",
  full_name: "Ada Lovelace",
  street_address: "12 St James's Square",
  zip_code: "SW1Y 4JH",
  city: "London",
  state: "",
  country: "United Kingdom",
  credit_card_number: "4242 4242-4242 4242",
  credit_card_expiration_month: "12",
  credit_card_expiration_year: "2040",
  credit_card_cvv: "123",
};

const byCard = { takes: "card", presentations: [] } as const;

const parse = (fields: Record<string, string>) =>
  parseCheckout(new URLSearchParams({ ...filled, ...fields }), "EUR", english, byCard);

test("where buyers pay at the provider, no card is asked for: on its page, or in its element where scripts run", () => {
  const form = new URLSearchParams(
    Object.entries(filled).filter(([name]) => !name.startsWith("credit_card_")),
  );
  const atProvider = { takes: "session", presentations: ["embedded", "redirect"] } as const;
  const paymentOf = (presentation: string) => {
    form.set("payment_presentation", presentation);
    return parseCheckout(form, "EUR", english, atProvider).order?.payment;
  };
  for (const [wanted, given] of [
    ["embedded", "embedded"],
    ["redirect", "redirect"],
    ["by pigeon", "redirect"],
  ] as const)
    assert.deepEqual(paymentOf(wanted), { type: "session", presentation: given });
  assert.ok(parseCheckout(form, "EUR", english, byCard).messages.credit_card_number);
});

test("the way to send goes along under the name it has in the API; none chosen is none named", () => {
  assert.equal(parse({ shippingMethodCode: "express" }).order?.shippingMethodCode, "express");
  assert.equal(parse({ shippingMethodCode: " " }).order?.shippingMethodCode, undefined);
  assert.equal(parse({}).order?.shippingMethodCode, undefined);
});

test("a form becomes the order of the REST API, with the country's code and the card's digits", () => {
  assert.deepEqual(parse({ cart_version: "7", quote_id: "0198c0de-0000-7000-8000-000000000001" }).order, {
    email: "ada@example.com",
    currencyCode: "EUR",
    shippingAddress: {
      fullName: "Ada Lovelace",
      line1: "12 St James's Square",
      city: "London",
      postalCode: "SW1Y 4JH",
      country: "GB",
      countryName: "United Kingdom",
    },
    payment: {
      type: "card",
      card: { number: "4242424242424242", expiryMonth: 12, expiryYear: 2040, cvc: "123" },
    },
    cartVersion: 7,
    quoteId: "0198c0de-0000-7000-8000-000000000001",
  });
});

test("without our hidden fields, or with nonsense in them, the order goes without them", () => {
  for (const fields of [{}, { cart_version: "", quote_id: "" }, { cart_version: "1e3", quote_id: "a b" }]) {
    const { order } = parse(fields);
    assert.ok(order && !("cartVersion" in order) && !("quoteId" in order));
  }
});

test("American postal codes that lost their leading zeros get them back; those of other countries are left alone", () => {
  const zipOf = (fields: Record<string, string>) => parse(fields).order?.shippingAddress.postalCode;
  assert.equal(zipOf({ country: "US", state: "MA", zip_code: "2139" }), "02139");
  assert.equal(zipOf({ country: "US", state: "NY", zip_code: "501" }), "00501");
  assert.equal(zipOf({ country: "US", state: "CA", zip_code: "94043" }), "94043");
  assert.equal(zipOf({ country: "AU", state: "NSW", zip_code: "2000" }), "2000");
});

test("a country that was written as a name makes free text of the address; a code leaves the rest to the API", () => {
  const addressOfForm = (fields: Record<string, string>) => parse(fields).order?.shippingAddress;
  const named = addressOfForm({ country: "Deutschland", zip_code: "no such code" });
  assert.deepEqual(
    [named?.country, named?.countryName, named?.postalCode],
    ["DE", "Deutschland", "no such code"],
  );
  const unknown = addressOfForm({ country: "Atlantis", zip_code: "00000" });
  assert.deepEqual([unknown?.country, unknown?.countryName], ["ZZ", "Atlantis"]);
  const coded = addressOfForm({ country: "ae", zip_code: "00000" });
  assert.deepEqual([coded?.country, coded?.countryName, coded?.postalCode], ["AE", undefined, "00000"]);
});

test("an address with a country's name passes as it was made up, as load generators of the foreign contract make them up", () => {
  for (const fields of madeUpAddresses(500)) {
    const { messages, order } = parse(fields);
    assert.deepEqual(messages, {}, JSON.stringify(fields));
    const { countryName, postalCode, line1, line2 = "" } = order?.shippingAddress ?? assert.fail();
    assert.deepEqual([countryName, line1 + line2], [fields.country, fields.street_address]);
    assert.ok(postalCode?.endsWith(fields.zip_code), "with its zeros, where they were lost");
  }
  for (const country of ["日本", "한국", "X"])
    assert.equal(parse({ country }).order?.shippingAddress.countryName, country, "a name, however short");
});

test("a state is wanted where addresses have one, and a form without the field is refused everywhere", () => {
  assert.equal(parse({ country: "United States", state: "" }).messages.state, undefined, "free text");
  assert.equal(parse({ country: "US", state: "" }).messages.state?.includes("United States"), true);
  assert.equal(parse({ country: "France", state: "" }).messages.state, undefined);
  const form = new URLSearchParams(filled);
  form.delete("state");
  assert.ok(parseCheckout(form, "USD", english, byCard).messages.state);
});

test("what is wrong is said beside its field, and nothing is ordered", () => {
  const wrong: [field: keyof typeof filled, value: string][] = [
    ["email", "ada"],
    ["email", "a@b"],
    ["email", "a b@example.com"],
    ["email", `${"x".repeat(250)}@example.com`],
    ["country", "XX"],
    ["zip_code", "0"],
    ["credit_card_number", "٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢"],
    ["credit_card_number", "4242"],
    ["credit_card_expiration_month", "13"],
    ["credit_card_expiration_month", "1 "],
    ["credit_card_expiration_year", "40"],
    ["credit_card_cvv", "000"],
    ["credit_card_cvv", "12345"],
  ];
  for (const [field, value] of wrong) {
    const { messages, order } = parse({ [field]: value });
    if (value === "1 ") assert.ok(order, "space around a value is no fault");
    else assert.ok(messages[field] && !order, `${field}=${value}`);
  }
});

test("what was typed is kept to show it again, but nothing of the card except its date", () => {
  const kept = Object.values(parse({ email: "ada" }).typed).join(" ");
  assert.ok(kept.includes("12 St James's Square"));
  assert.doesNotMatch(kept, /4242|123/);
});

test("a long street goes into two lines and nothing of it is lost", () => {
  const { line1 = "", line2 = "" } = parse({ street_address: "x".repeat(333) }).order?.shippingAddress ?? {};
  assert.deepEqual([line1.length, line2.length], [200, 133]);
  assert.ok(parse({ street_address: "x".repeat(513) }).messages.street_address);
});

test("what the API finds wrong stands beside the field it is about", () => {
  const messages = messagesOf(english, [
    { path: "shippingAddress.postalCode", message: "is not a postal code of GB" },
    { path: "payment.card.number", message: "is not the number of a card" },
    { path: "somewhere.else", message: "is odd" },
  ]);
  assert.deepEqual(messages, {
    zip_code: "It is not a postal code of GB.",
    credit_card_number: "It is not the number of a card.",
  });
});
