import assert from "node:assert/strict";
import { it } from "node:test";
import { inspect } from "node:util";
import {
  ConfigError,
  defineConfig,
  isExampleSecret,
  printableSetting,
  readConfig,
  Secret,
  setting,
} from "./config.ts";
import { PlatformConfig } from "./settings.ts";

const settings = defineConfig({
  SHOP_NAME: setting.text({ doc: "Name of the shop.", pattern: /^[a-z]+$/, shape: "lower-case letters" }),
  SHOP_SIZE: setting.integer({ default: 3, min: 1, max: 9, doc: "How large it is." }),
  SHOP_OPEN: setting.flag({ default: true, doc: "Whether it is open." }),
  SHOP_MODE: setting.choice(["fast", "safe"], { default: "safe", doc: "How it works." }),
  SHOP_URL: setting.optionalUrl({
    schemes: ["https"],
    doc: "Where it is.",
    aliases: ["SHOP_ADDR", "SHOP_HOME"],
  }),
  SHOP_KEY: setting.optionalSecret({ doc: "What guards it." }),
});

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(settings, environment);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    for (const fault of error.faults) assert.ok(error.message.includes(fault));
    return error.faults;
  }
  return assert.fail("The settings should have been refused.");
}

it("defaults hold where nothing is set, and the result cannot be changed", () => {
  const config = readConfig(settings, { SHOP_NAME: "stoa" });
  assert.deepEqual(config, {
    SHOP_NAME: "stoa",
    SHOP_SIZE: 3,
    SHOP_OPEN: true,
    SHOP_MODE: "safe",
    SHOP_URL: undefined,
    SHOP_KEY: undefined,
  });
  assert.ok(Object.isFrozen(config));
});

it("all faults are reported at once, each with the name and the sentence of its setting", () => {
  const faults = faultsOf({
    SHOP_NAME: "Stoa!",
    SHOP_SIZE: "ten",
    SHOP_OPEN: "perhaps",
    SHOP_MODE: "slow",
    SHOP_URL: "ftp://x",
    SHOP_KEY: "changeme123",
  });
  assert.deepEqual(
    faults.map((fault) => fault.split(" ")[0]),
    ["SHOP_NAME", "SHOP_SIZE", "SHOP_OPEN", "SHOP_MODE", "SHOP_URL", "SHOP_KEY"],
  );
  assert.equal(faults[0], "SHOP_NAME must be lower-case letters. Name of the shop.");
  assert.equal(faults[1], "SHOP_SIZE must be a whole number from 1 to 9. How large it is.");
});

it("a setting without a default is required", () => {
  assert.deepEqual(faultsOf({}), ["SHOP_NAME is required. Name of the shop."]);
});

for (const text of ["0", "10", "1.5", "1e0", "0x1", " 1", "٣", "", "99999999999999999999"]) {
  it(`${JSON.stringify(text)} ${text === "" ? "counts as not set" : "is refused as a whole number from 1 to 9"}`, () => {
    const environment = { SHOP_NAME: "stoa", SHOP_SIZE: text };
    if (text === "") assert.equal(readConfig(settings, environment).SHOP_SIZE, 3);
    else assert.match(faultsOf(environment).join(), /^SHOP_SIZE must be a whole number/);
  });
}

it("flags are read in the words people use for them", () => {
  const isOpen = (text: string) => readConfig(settings, { SHOP_NAME: "s", SHOP_OPEN: text }).SHOP_OPEN;
  for (const text of ["true", "1", "on", "YES"]) assert.equal(isOpen(text), true, text);
  for (const text of ["false", "0", "off", "No"]) assert.equal(isOpen(text), false, text);
});

it("the own name comes before the aliases, these count in their order, and a fault names the one that was set", () => {
  const urlOf = (environment: Record<string, string>) =>
    readConfig(settings, { SHOP_NAME: "s", ...environment }).SHOP_URL;
  const home = { SHOP_HOME: "https://home" };
  const addr = { SHOP_ADDR: "https://addr" };
  assert.equal(urlOf({ ...home, ...addr, SHOP_URL: "https://own" }), "https://own");
  assert.equal(urlOf({ ...home, ...addr }), "https://addr");
  assert.equal(urlOf({ ...home, ...addr, SHOP_ADDR: "" }), "https://home");
  assert.match(faultsOf({ SHOP_NAME: "s", SHOP_HOME: "nowhere" }).join(), /^SHOP_HOME must be a URL/);
});

const value = "s3cret-value-nobody-may-see";

it("a secret prints as *** whichever way it is printed", () => {
  const secret = new Secret(value);
  const nested = { deep: [{ secret }] };
  const printed = [
    String(secret),
    `${secret.toString()}`,
    JSON.stringify(nested),
    inspect(nested, { depth: 9, showHidden: true, getters: true }),
    inspect(secret, { customInspect: false, showHidden: true }),
    new Error("broken", { cause: secret }).stack ?? "",
    JSON.stringify(Object.entries(secret)),
    JSON.stringify(Object.assign({}, secret)),
  ];
  for (const text of printed) assert.ok(!text.includes(value), text);
  assert.equal(String(secret), "***");
  assert.equal(secret.reveal(), value);
});

it("settings are shown with their values, but never with the password of a URL", () => {
  assert.equal(printableSetting(new Secret(value)), "***");
  for (const password of [value, `${value}/x`, `a:${value}`, `${value}%40`]) {
    const shown = printableSetting(`postgres://user:${password}@host:5432/db?a=b@c`);
    assert.ok(!shown.includes(value), shown);
    assert.match(shown, /^postgres:\/\/user:\*\*\*@/);
  }
  for (const text of ["https://host:8443/a@b", "true", "30", "host:50051"])
    assert.equal(printableSetting(text), text);
  assert.equal(printableSetting(undefined), "");
});

it("no fault repeats the value of a secret or of a URL with a password", () => {
  const faults = faultsOf({ SHOP_NAME: "s", SHOP_KEY: "changeme123", SHOP_URL: `ftp://user:${value}@host` });
  assert.equal(faults.length, 2);
  for (const fault of faults) assert.ok(!fault.includes(value) && !fault.includes("changeme123"), fault);
});

for (const example of ["changeme123", "redis123", "ChangeMe123", "password", "admin"]) {
  it(`the example secret ${example} is refused`, () => {
    assert.ok(isExampleSecret(example));
    assert.match(faultsOf({ SHOP_NAME: "s", SHOP_KEY: example }).join(), /is an example value/);
  });
}

it("the kit's own settings are usable without any environment, and every one has a sentence", () => {
  const config = readConfig(PlatformConfig, {});
  assert.equal(config.PORT, 3000);
  assert.equal(config.OTEL_EXPORTER_OTLP_ENDPOINT, undefined);
  for (const [name, { doc }] of Object.entries(PlatformConfig)) assert.match(doc, /\.$/, name);
});
