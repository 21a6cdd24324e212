// Terraform itself, where it is at hand: format, and validation of every root against the providers' schemas. No registry is asked:
// stand-in-provider.ts takes the providers' place.
import { ok, strictEqual } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { terraformFolder } from "./configuration.ts";

const version = spawnSync("terraform", ["version", "-json"], {
  encoding: "utf8",
  env: { PATH: process.env["PATH"] },
});
const found =
  version.status === 0 ? (JSON.parse(version.stdout) as { terraform_version: string }).terraform_version : "";
const [major = 0, minor = 0] = found.split(".").map(Number);
const skip =
  major > 1 || (major === 1 && minor >= 11)
    ? false
    : `Terraform 1.11 or newer is not at hand (found: ${found || "none"})`;

describe("Terraform", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "stoa-terraform-"));
  const roots = ["account", "environments/dev", "environments/staging", "environments/prod"];
  const terraform = (root: string, ...args: string[]) => {
    const env = {
      PATH: process.env["PATH"],
      HOME: folder,
      TF_CLI_CONFIG_FILE: join(folder, "terraformrc"),
      TF_DISABLE_PLUGIN_TLS: "1",
      CHECKPOINT_DISABLE: "1",
    };
    const { status, stdout, stderr } = spawnSync("terraform", args, {
      cwd: join(folder, "deploy/terraform", root),
      encoding: "utf8",
      timeout: 60_000,
      env,
    });
    return { status, text: stdout + stderr };
  };

  before(() => {
    cpSync(join(terraformFolder, ".."), join(folder, "deploy"), { recursive: true });
    const providers = join(folder, "providers");
    mkdirSync(providers);
    for (const name of ["aws", "random"]) {
      const program = join(providers, `terraform-provider-${name}`);
      const words = [process.execPath, join(import.meta.dirname, "stand-in-provider.ts"), name];
      writeFileSync(program, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")}\n`);
      chmodSync(program, 0o755);
    }
    const overrides = ["aws", "random"].map((name) => `"hashicorp/${name}" = "${providers}"`).join("\n");
    writeFileSync(
      join(folder, "terraformrc"),
      `provider_installation {\n dev_overrides {\n${overrides}\n}\n direct {}\n}\n`,
    );
    for (const root of roots) ok(terraform(root, "get").status === 0, root);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test("finds nothing to format", () => {
    const { status, text } = terraform("", "fmt", "-check", "-recursive");
    strictEqual(status, 0, text);
  });

  for (const root of roots)
    test(`finds ${root} valid`, () => {
      const { status, text } = terraform(root, "validate", "-no-color");
      strictEqual(status, 0, text);
    });

  test("finds an argument that the provider does not know, and an output that is not there", () => {
    for (const [path, from, to, sentence] of [
      ["modules/databases/main.tf", "multi_az ", "multi_zone ", "Unsupported argument"],
      ["modules/shop/outputs.tf", "module.edge.url", "module.edge.address", "Unsupported attribute"],
    ] as const) {
      const file = join(folder, "deploy/terraform", path);
      const text = readFileSync(file, "utf8");
      writeFileSync(file, text.replace(from, to));
      const { status, text: said } = terraform("environments/prod", "validate", "-no-color");
      writeFileSync(file, text);
      strictEqual(status, 1);
      ok(said.includes(sentence), said);
    }
  });
});
