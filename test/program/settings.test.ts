// What the program says about its settings, before anything is opened.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { it } from "node:test";
import { promisify } from "node:util";
import { ConfigError, type Environment } from "#platform/kit/config.ts";
import { testAuthority, testFolder } from "#platform/testing/certificates.ts";
import { readCommandLine } from "../../commands/command-line.ts";
import { config } from "../../commands/config.ts";
import { commands } from "../../commands/index.ts";
import { testContext } from "./test-context.ts";

async function run(
  args: string[],
  environment: Environment,
): Promise<{ lines: string[]; faults: readonly string[] }> {
  const lines: string[] = [];
  try {
    const words = readCommandLine(commands, ["config", ...args]);
    assert.equal(words.kind, "run");
    await config({ ...testContext(words, (line) => lines.push(line)), environment });
    return { lines, faults: [] };
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return { lines, faults: error.faults };
  }
}

const key = "a-key-that-only-tests-know-0123456789";
const cart = {
  SERVICE_KEY: key,
  DATABASE_URL: "postgres://u:tr4in-of-owls@127.0.0.1/carts_db",
  CATALOG_URL: "catalog:3550",
  USER_URL: "user:3002",
};

it("an unknown name is refused with the nearest right one; what Kubernetes and other programs set is not", async () => {
  const { faults } = await run(["--check"], { CHEKOUT_CURRENCY: "EUR", CART_EXPIRY: "1" });
  assert.deepEqual(faults, [
    "CHEKOUT_CURRENCY is not a setting; did you mean CHECKOUT_CURRENCY?",
    "CART_EXPIRY is not a setting; did you mean CART_EXPIRY_SECONDS?",
  ]);
  const injected = {
    CART_PORT: "tcp://10.0.0.1:7070",
    CART_SERVICE_HOST: "10.0.0.1",
    CART_PORT_7070_TCP_ADDR: "10.0.0.1",
    HOME: "/",
  };
  assert.deepEqual((await run(["--check"], injected)).faults, []);
});

it("the back end in one process says all that it lacks at once: a database, a key, who takes the money; and starts with one database for all", async () => {
  const { faults } = await run(["--check", "backend"], {});
  for (const pattern of [
    /^SERVICE_KEY must be set/,
    /^These services need a database: user, catalog, .*checkout\. Set DATABASE_HOST/,
    /^PAYMENT_PROVIDER must be set/,
  ])
    assert.ok(
      faults.some((fault) => pattern.test(fault)),
      `${pattern}: ${faults.join("\n")}`,
    );
  const place = {
    DATABASE_HOST: "postgres-service",
    POSTGRES_USER: "ecommerce_user",
    POSTGRES_DB: "ecommerce_db",
  };
  const whole = {
    ...place,
    POSTGRES_PASSWORD: "tr4in-of-owls",
    SERVICE_KEY: key,
    PAYMENT_PROVIDER: "simulator",
  };
  const weak = await run(["--check", "backend"], { ...whole, POSTGRES_PASSWORD: "changeme123" });
  assert.match(weak.faults.join("\n"), /password/);
  const withKey = { ...whole, SERVICE_KEY: "k8Qw-31-nobody-finds-this-0123456789" };
  assert.deepEqual((await run(["--check", "backend"], withKey)).faults, []);
  const { lines } = await run(["--print", "backend"], withKey);
  for (const line of ["PORT=8080", "HTTP_PORT=8081", "DATABASE_POOL_MAX=4"])
    assert.ok(lines.includes(line), line);
});

it("the storefront's own number of proxies is refused with what says more than it; none of them is nothing to refuse", async () => {
  for (const STOREFRONT_TRUSTED_PROXIES of ["1", "10.0.0.0/8"]) {
    const { faults } = await run(["--check"], { STOREFRONT_TRUSTED_PROXIES });
    assert.deepEqual(faults, [
      "STOREFRONT_TRUSTED_PROXIES is not a setting any more: name the addresses of the proxies in TRUSTED_PROXIES, for all that speak HTTP.",
    ]);
  }
  assert.deepEqual((await run(["--check"], { STOREFRONT_TRUSTED_PROXIES: "0" })).faults, []);
});

it("what a start refuses of the facts of the shop, the check refuses too: names that disagree, an address with a path", async () => {
  const said = { CATALOG_CURRENCY: "USD", CART_CURRENCY: "EUR" };
  const disagreement =
    /^The shop has one SHOP_CURRENCY, but the settings say several: CATALOG_CURRENCY=USD, CART_CURRENCY=EUR/;
  assert.match((await run(["--check"], said)).faults.join("\n"), disagreement);
  assert.match((await run(["--check", "cart"], { ...cart, ...said })).faults.join("\n"), disagreement);
  const { faults } = await run(["--check"], { SHOP_URL: "https://shop.example/eu" });
  assert.equal(faults.length, 1, faults.join("\n"));
  assert.match(faults[0] ?? "", /^SHOP_URL must be scheme, host and port alone/);
});

it("what a provider in use would refuse is told with all the rest, and so is one that nobody answers to", async () => {
  const rates = { CURRENCY_PROVIDER: "fixed", TAX_PROVIDER: "rates" };
  const wrong = { ...rates, CURRENCY_RATES: "USD=0", TAX_RATES: "DE=1900", CHEKOUT_CURRENCY: "EUR" };
  const { faults } = await run(["--check"], wrong);
  for (const pattern of [/^CHEKOUT_CURRENCY is not/, /^CURRENCY_RATES gives USD/, /^TAX_RATES must name/])
    assert.ok(
      faults.some((fault) => pattern.test(fault)),
      `${pattern}: ${faults.join("\n")}`,
    );
  assert.match(
    (await run(["--check"], { CURRENCY_PROVIDER: "fixed" })).faults.join(),
    /CURRENCY_RATES is empty/,
  );
  assert.deepEqual((await run(["--check"], { CURRENCY_RATES: "USD=0" })).faults, [], "nobody reads it");
  const nobody = (await run(["--check"], { CURRENCY_PROVIDER: "bank", CHEKOUT_CURRENCY: "EUR" })).faults;
  assert.equal(nobody.length, 2, nobody.join("\n"));
  assert.match(nobody.join("\n"), /CURRENCY_PROVIDER says bank/);
});

it("ports that Kubernetes names like ours are no numbers, and break nothing", async () => {
  const injected = "tcp://10.0.0.1:8080";
  const environment = { PORT: injected, HTTP_PORT: injected, GRPC_PORT: injected, DATABASE_PORT: injected };
  assert.deepEqual((await run(["--check"], environment)).faults, []);
  const { lines } = await run(["--print"], environment);
  for (const line of ["PORT=3000", "GRPC_PORT=50051", "DATABASE_PORT=5432"])
    assert.ok(lines.includes(line), line);
});

it("one service is checked for what it needs: all of it at once, and nothing of the others", async () => {
  const { faults } = await run(["--check", "cart"], { CHECKOUT_LEASE_SECONDS: "never" });
  const missing = [
    /^SERVICE_KEY must be set/,
    /^The cart service needs a database\. Set DATABASE_URL/,
    /^The cart service calls catalog, but CATALOG_URL/,
    /^The cart service calls user, but USER_URL/,
  ];
  assert.equal(faults.length, missing.length, faults.join("\n"));
  for (const [at, pattern] of missing.entries()) assert.match(faults[at] ?? "", pattern);
  const usable = await run(["--check", "cart"], cart);
  assert.deepEqual(usable, { lines: ["The settings of the cart service are usable."], faults: [] });
  assert.match(
    (await run(["--check"], { CHECKOUT_LEASE_SECONDS: "never" })).faults[0] ?? "",
    /^CHECKOUT_LEASE_SECONDS must be/,
  );
  assert.match(
    (await run(["--check", "cart"], { ...cart, CATALOG_URL: "not an address" })).faults[0] ?? "",
    /^CATALOG_URL must be host:port/,
  );
  await assert.rejects(run(["--check", "carts"], {}), (error: Error) =>
    /There is no service "carts"/.test(error.message),
  );
});

it("what cannot be encrypted as it should be is refused, and an address over https without TLS too", async () => {
  const { write } = testFolder();
  const [one, two] = [testAuthority().sign("one"), testAuthority().sign("two")];
  const files = { GRPC_TLS_CERT: write("cert.pem", one.cert), GRPC_TLS_KEY: write("key.pem", one.key) };
  const on = { GRPC_TLS: "on", ...files };
  assert.deepEqual((await run(["--check", "cart"], { ...cart, ...on })).faults, []);
  const { faults } = await run(["--check"], {
    ...on,
    GRPC_TLS_KEY: write("other.pem", two.key),
    HTTP_TLS: "self-made",
    HTTP_TLS_CA: "/nowhere.pem",
  });
  assert.equal(faults.length, 2, faults.join("\n"));
  assert.match(
    faults[0] ?? "",
    /^The key in GRPC_TLS_KEY .* does not belong to the certificate in GRPC_TLS_CERT/,
  );
  assert.match(faults[1] ?? "", /^HTTP_TLS_CA names the file \/nowhere\.pem, which cannot be read/);
  assert.match((await run(["--check"], files)).faults[0] ?? "", /^GRPC_TLS_CERT is set, but GRPC_TLS is not/);
  const { faults: misspelt } = await run(["--check"], { GRPC_TSL: "mutual", HTTP_TLS_CERTIFICATE: "/a" });
  assert.match(
    misspelt.join(),
    /GRPC_TSL is not a setting; did you mean GRPC_TLS.*HTTP_TLS_CERTIFICATE is not a setting/,
  );
  const https = { ...cart, CATALOG_URL: "https://catalog:3550" };
  assert.match(
    (await run(["--check", "cart"], https)).faults[0] ?? "",
    /^The address of the catalog service is https:.* but GRPC_TLS is off/,
  );
  assert.deepEqual((await run(["--check", "cart"], { ...https, ...on })).faults, []);
});

it("the names of the seeds count as given", async () => {
  const seeds = {
    SERVICE_KEY: key,
    DATABASE_HOST: "postgres-service",
    POSTGRES_USER: "ecommerce_user",
    POSTGRES_PASSWORD: "a password of their own",
    POSTGRES_DB: "ecommerce_db",
    PRODUCT_SERVICE: "http://product-service:8080",
    ORDER_SERVICE: "http://order-service:8080",
    USER_SERVICE: "http://user-service:3002",
    CART_SERVICE: "http://cart-service:3004",
    BACKEND_URL: "http://backend-service:8080",
  };
  assert.deepEqual((await run(["--check", "cart"], seeds)).faults, []);
  assert.deepEqual((await run(["--check", "storefront"], seeds)).faults, []);
  assert.match(
    (await run(["--check", "storefront"], { SERVICE_KEY: key })).faults.join(),
    /GATEWAY_URL is not set/,
  );
  const changeme = await run(["--check", "cart"], { ...seeds, POSTGRES_PASSWORD: "changeme123" });
  assert.match(changeme.faults.join(), /an example value/);
});

it("--print of one service shows its values and no secret", async () => {
  const secrets = { POSTGRES_PASSWORD: "pass-canary", SERVICE_KEY: `key-canary-${key}` };
  const { lines } = await run(["--print", "cart"], {
    ...cart,
    ...secrets,
    CART_DATABASE_URL: "postgres://u:url-canary@h/d",
  });
  assert.ok(lines.includes("CATALOG_URL=catalog:3550"));
  assert.ok(lines.includes("GRPC_PORT=7070"));
  assert.ok(lines.some((line) => line.startsWith("CART_EXPIRY_SECONDS=")));
  assert.ok(!lines.some((line) => line.startsWith("CHECKOUT_")));
  assert.doesNotMatch(lines.join("\n"), /canary/);
});

it("a start says the same in plain words, and opens nothing", async () => {
  const program = new URL("../../main.ts", import.meta.url).pathname;
  const start = async (args: string[], environment: Environment) => {
    const env = { PATH: process.env["PATH"], ...environment };
    return await promisify(execFile)(process.execPath, [program, ...args], { env }).then(
      () => assert.fail("It started."),
      (error: { code: number; stderr: string }) => error,
    );
  };
  const misspelt = await start(["serve", "all"], { SHOP_CURENCY: "EUR" });
  assert.equal(misspelt.code, 1);
  assert.match(
    misspelt.stderr,
    /^\nThe settings are not usable:\n {2}- SHOP_CURENCY is not a setting; did you mean SHOP_CURRENCY\?\n\n$/,
  );
  // Migrating, importing or erasing under a misspelt setting is done to another shop than the one that is meant.
  const importing = await start(["import", "goods.csv"], {
    CATALOG_DATABASE_ULR: "postgres://u:p@127.0.0.1/goods",
  });
  assert.match(
    importing.stderr,
    /CATALOG_DATABASE_ULR is not a setting; did you mean CATALOG_DATABASE_URL\?/,
  );
  const unsafe = await start(["serve", "split"], { GRPC_TLS: "mutual" });
  assert.match(
    unsafe.stderr,
    /- GRPC_TLS is mutual, but GRPC_TLS_CERT is not set\..*\n.*GRPC_TLS_KEY.*\n.*GRPC_TLS_CA/,
  );
  const alone = await start(["serve", "storefront"], {});
  assert.match(
    alone.stderr,
    /- SERVICE_KEY must be set[^\n]*\n {2}- The storefront service asks the REST API, but GATEWAY_URL is not set/,
  );
  assert.doesNotMatch(alone.stderr, /\n +at /);
});

it("where the shop can be reached from elsewhere, every secret that can be guessed is named; on this machine none is", async () => {
  const weak: [Environment, RegExp][] = [
    [{ SERVICE_KEY: "a".repeat(36) }, /^SERVICE_KEY is an example or can be guessed/],
    [{ SERVICE_KEY: "Zk3!vQ8#tL1p" }, /^SERVICE_KEY must have at least 32 characters/],
    [
      { DATABASE_URL: "postgres://stoa:postgres@db.example/stoa" },
      /^The password of the database at db\.example is/,
    ],
    [
      { DATABASE_URL: "postgres://stoa@db.example/stoa" },
      /^The database at db\.example is entered without a password/,
    ],
    [
      {
        DATABASE_HOST: "db.example",
        POSTGRES_USER: "stoa",
        POSTGRES_PASSWORD: "12345678",
        POSTGRES_DB: "stoa",
      },
      /^The password of the database at db\.example/,
    ],
    [
      {
        DATABASE_URL: "postgres://stoa:tr4in-of-owls@db.example/",
        CART_DATABASE_URL: "postgres://c:cart@db2.example/c",
      },
      /^The password of the database at db2\.example/,
    ],
    [{ ADMIN_EMAIL: "a@shop.example", ADMIN_PASSWORD: "letmein2024" }, /^ADMIN_PASSWORD is an example/],
    [{ ADMIN_EMAIL: "a@shop.example", ADMIN_PASSWORD: "changeme123" }, /^ADMIN_PASSWORD is an example/],
    [{ PAYMENT_CALLBACK_SECRET: "abcdefghijklmnopqrstuvwxyz" }, /^PAYMENT_CALLBACK_SECRET is an example/],
    [
      { CART_REDIS_URL: "redis://:redis123@cache.example" },
      /^The password of the Redis of CART_REDIS_URL is/,
    ],
    [
      { CART_REDIS_URL: "rediss://cache.example" },
      /^The Redis of CART_REDIS_URL is entered without a password/,
    ],
    [
      { CART_REDIS_URL: "redis+sentinel://:tr4in-of-owls@s.example/shop?sentinel_password=12345678" },
      /^The password of the Redis of CART_REDIS_URL is/,
    ],
  ];
  for (const [environment, fault] of weak) {
    for (const HOST of ["0.0.0.0", "::", "192.168.0.9"]) {
      const { faults } = await run(["--check"], { ...environment, HOST });
      assert.ok(
        faults.some((one) => fault.test(one)),
        `${HOST} ${String(fault)}: ${faults.join("\n")}`,
      );
    }
    for (const here of [{}, { HOST: "127.0.0.1" }, { HOST: "::1" }, { HOST: "localhost" }]) {
      const { faults } = await run(["--check"], { ...environment, ...here });
      assert.ok(!faults.some((one) => one.includes("reached from elsewhere")), faults.join("\n"));
    }
  }
  const strong = { SERVICE_KEY: key, DATABASE_URL: "postgres://stoa:tr4in-of-owls@db.example/" };
  assert.deepEqual((await run(["--check"], { ...strong, HOST: "0.0.0.0" })).faults, []);
  // A service alone listens everywhere unless it is told otherwise.
  const alone = { ...cart, SERVICE_KEY: "0123456789".repeat(4) };
  assert.match((await run(["--check", "cart"], alone)).faults.join("\n"), /SERVICE_KEY is an example/);
  assert.deepEqual((await run(["--check", "cart"], { ...alone, HOST: "127.0.0.1" })).faults, []);
  assert.deepEqual((await run(["--check", "cart"], cart)).faults, []);
  const withExample = { ...cart, CART_REDIS_URL: "redis://:redis123@127.0.0.1", HOST: "127.0.0.1" };
  assert.match(
    (await run(["--check", "cart"], withExample)).faults.join("\n"),
    /CART_REDIS_URL is an example/,
  );
  assert.deepEqual((await run(["--check"], { ...withExample, DATABASE_URL: "" })).faults, []);
});
