import assert from "node:assert/strict";
import { it } from "node:test";
import { beginWith, settingsOf } from "./session.ts";

it("options of a URL are read as PostgreSQL reads them", () => {
  const said: [string, [string, string][]][] = [
    ["", []],
    ["-c search_path=a,b", [["search_path", "a,b"]]],
    [
      "-csearch_path=a  --statement-timeout=5s",
      [
        ["search_path", "a"],
        ["statement_timeout", "5s"],
      ],
    ],
    [String.raw`-c application_name=a\ b\\c`, [["application_name", String.raw`a b\c`]]],
    ["-c jit=", [["jit", ""]]],
  ];
  for (const [options, settings] of said)
    assert.deepEqual(
      settingsOf(options).map(({ name, value }) => [name, value]),
      settings,
      options,
    );
  for (const wrong of ["-c", "-d 3", "-c x", "geqo=off", "-c 1=2", "-c a;b=1"])
    assert.throws(() => settingsOf(wrong), /may say -c name=value only/, wrong);
});

it("a transaction that has settings for itself quotes what they say, and lists schemas by name", () => {
  const settings = [
    { name: "search_path", value: 'stoa_cart, "public"' },
    { name: "application_name", value: "it's" },
    { name: "default_transaction_read_only", value: "on" },
  ];
  assert.equal(
    beginWith(settings),
    `begin; set local search_path = "stoa_cart", "public"; set local application_name = 'it''s'; set local transaction_read_only = 'on'`,
  );
});
