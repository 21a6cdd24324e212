// Secrets that files hold.
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { ConfigError } from "#platform/kit/config.ts";
import { withSettingsFromFiles } from "../../commands/settings-from-files.ts";
import { shop } from "../../shop.ts";

describe("a setting that a file holds", () => {
  const folder = mkdtempSync(join(tmpdir(), "stoa-secrets-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    chmodSync(path, 0o400);
    return path;
  };
  const faultsOf = async (environment: Record<string, string>) =>
    await withSettingsFromFiles(shop, environment).then(
      () => assert.fail("nothing was refused"),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError, String(error));
        return error.faults;
      },
    );

  it("is what the file says, without its last line break, whichever setting it is", async () => {
    const environment = {
      SERVICE_KEY_FILE: file("key", "a-key-that-only-tests-know\n"),
      CART_DATABASE_URL_FILE: file("url", "postgres://u:p@db/carts_db"),
      STRIPE_SECRET_KEY_FILE: file("stripe", "sk_test\r\n"),
      PATH: "/bin",
    };
    assert.deepEqual(await withSettingsFromFiles(shop, environment), {
      SERVICE_KEY: "a-key-that-only-tests-know",
      CART_DATABASE_URL: "postgres://u:p@db/carts_db",
      STRIPE_SECRET_KEY: "sk_test",
      PATH: "/bin",
    });
  });

  it("leaves alone what only looks like it: settings that are files, and names of other programs", async () => {
    const environment = {
      FLAGS_FILE: "/etc/flags",
      DATABASE_CA_FILE: "/etc/ca.pem",
      SSL_CERT_FILE: "/etc/ssl.pem",
      SERVICE_KEY_FILE: "",
    };
    assert.deepEqual(await withSettingsFromFiles(shop, environment), environment);
  });

  it("is refused in a sentence where the file cannot be used, every fault at once, and no content is shown", async () => {
    const faults = await faultsOf({
      SERVICE_KEY_FILE: join(folder, "nowhere"),
      POSTGRES_PASSWORD_FILE: file("empty", "\n"),
      EVENTS_SECRET_FILE: file("two", "one-line\nanother-line\n"),
      STRIPE_SECRET_KEY_FILE: file("large", "x".repeat(70_000)),
      ADMIN_PASSWORD_FILE: file("one", "hidden-words"),
      ADMIN_PASSWORD: "hidden-words",
    });
    assert.equal(faults.length, 5);
    for (const words of [
      "cannot be read (ENOENT)",
      "which is empty",
      "more than one line",
      "too large",
      "are both set",
    ])
      assert.equal(faults.filter((fault) => fault.includes(words)).length, 1, words);
    assert.ok(!faults.some((fault) => /hidden-words|one-line/.test(fault)));
  });
});
