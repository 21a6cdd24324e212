// The pipelines as they are written: what is pinned, who may do what, and whether everything that they call is there.
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { after, describe, test } from "node:test";
import { parse } from "yaml";
import { images } from "../../tools/image/build-root.ts";

const root = resolve(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

type Permissions = Readonly<Record<string, string>>;
interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Job {
  readonly uses?: string;
  readonly steps?: readonly Step[];
  readonly permissions?: Permissions;
  readonly "runs-on"?: string;
  readonly "timeout-minutes"?: number;
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Permissions;
  readonly concurrency?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const texts = new Map(
  globSync(".github/workflows/*.yml", { cwd: root }).map((path) => [basename(path), read(path)]),
);
const levels: Readonly<Record<string, number>> = { none: 0, read: 1, write: 2 };

/** What is wrong with the workflows, as sentences. */
function faultsIn(files: ReadonlyMap<string, string>): string[] {
  const workflows = new Map([...files].map(([name, text]) => [name, parse(text) as Workflow]));
  return [...workflows].flatMap(([name, workflow]) => {
    const text = files.get(name) ?? "";
    const faults = [
      ...pinFaults(text),
      ...Object.entries(workflow.jobs).flatMap(([id, job]) => jobFaults(id, job)),
    ];
    if (!workflow.permissions) faults.push("it takes whatever rights the repository gives");
    if (Object.values(workflow.permissions ?? {}).includes("write")) faults.push("all of its jobs may write");
    if ("pull_request_target" in workflow.on) faults.push("code of strangers gets rights");
    for (const [id, job] of Object.entries(workflow.jobs)) {
      if (!job.uses?.startsWith("./")) continue;
      const called = workflows.get(basename(job.uses));
      if (called) faults.push(...callFaults(id, job.permissions ?? workflow.permissions ?? {}, called));
      else faults.push(`${id} calls ${job.uses}, which is not there`);
    }
    return faults.map((fault) => `${name}: ${fault}.`);
  });
}

/** Everything from elsewhere is one commit, whose release a comment names. */
function pinFaults(text: string): string[] {
  return [...text.matchAll(/^\s*(?:- )?uses: (.*)$/gm)].flatMap(([, uses = ""]) =>
    uses.startsWith("./") || /^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(uses)
      ? []
      : [`${uses} is not one commit`],
  );
}

function jobFaults(
  id: string,
  { uses, steps = [], "runs-on": machine = "", "timeout-minutes": minutes }: Job,
): string[] {
  if (uses !== undefined) return [];
  const faults: string[] = [];
  if (!minutes) faults.push(`${id} may run for ever`);
  if (!/-\d+\.\d+$/.test(machine)) faults.push(`${id} runs on whatever ${machine} is today`);
  for (const { uses: action = "", run = "", with: inputs = {} } of steps) {
    if (action.startsWith("actions/checkout@") && inputs["persist-credentials"] !== false)
      faults.push(`${id} leaves a token in the checkout`);
    if (/\$\{\{/.test(run)) faults.push(`${id} puts an expression into a script: it belongs into env`);
    if (/set -x|secrets\.|\$\{?GITHUB_TOKEN|\$\{?GH_TOKEN/.test(run)) faults.push(`${id} may print a secret`);
    for (const [script] of run.matchAll(/tools\/[\w/-]+\.(?:sh|ts)|\.ci\/run/g))
      if (!existsSync(join(root, script))) faults.push(`${id} calls ${script}, which is not there`);
  }
  return faults;
}

/** GitHub refuses a call whose jobs want more than the caller may. */
function callFaults(id: string, given: Permissions, called: Workflow): string[] {
  return Object.entries(called.jobs).flatMap(([inner, { permissions = called.permissions ?? {} }]) =>
    Object.entries(permissions)
      .filter(([right, level]) => (levels[level] ?? 0) > (levels[given[right] ?? "none"] ?? 0))
      .map(([right]) => `${id} may not ${right} as much as ${inner}, which it calls`),
  );
}

describe("the workflows", () => {
  test("pin what they use, have few rights, and call what is there (S4-113, S3-121)", () => {
    deepStrictEqual([...texts.keys()].sort(), ["chart.yml", "check.yml", "images.yml", "release.yml"]);
    deepStrictEqual(faultsIn(texts), []);
  });

  for (const [file, from, to, found] of [
    ["check.yml", /actions\/checkout@\w+ # v[\d.]+/, "actions/checkout@v7", /is not one commit/],
    [
      "check.yml",
      /permissions:\n {2}contents: read/,
      "permissions:\n  contents: write",
      /all of its jobs may write/,
    ],
    ["images.yml", /permissions: \{\}\n/, "", /whatever rights/],
    ["release.yml", /attestations: write/, "attestations: read", /may not attestations as much as image/],
    ["images.yml", /timeout-minutes: 30/, "timeout-minutes: 0", /may run for ever/],
    ["chart.yml", /ubuntu-24.04/, "ubuntu-latest", /whatever ubuntu-latest is/],
    ["check.yml", /persist-credentials: false/, "persist-credentials: true", /leaves a token/],
    ["check.yml", /run: npm test/, "run: npm test -- ${{ github.head_ref }}", /belongs into env/],
    ["release.yml", /run: gh release/, "run: echo $GH_TOKEN; gh release", /may print a secret/],
    ["chart.yml", /31-chart\.sh/, "31-charts.sh", /is not there/],
    ["check.yml", / {2}pull_request:/, "  pull_request_target:", /code of strangers/],
    ["release.yml", /workflows\/check\.yml/, "workflows/checks.yml", /which is not there/],
  ] as const)
    test(`a fault in ${file} is found: ${to.trim() || "nothing"}`, () => {
      const text = texts.get(file) ?? "";
      match(text, from);
      match(faultsIn(new Map([...texts, [file, text.replace(from, to)]])).join("\n"), found);
    });

  test("write only where something is published", () => {
    const writers = [...texts].flatMap(([name, text]) =>
      Object.entries((parse(text) as Workflow).jobs)
        .filter(([, { permissions = {}, uses }]) => !uses && Object.values(permissions).includes("write"))
        .map(([id]) => `${name} ${id}`),
    );
    deepStrictEqual(writers.sort(), ["chart.yml chart", "images.yml image", "release.yml publish"]);
  });
});

describe("the Jenkinsfile", () => {
  const text = read("Jenkinsfile");

  test("calls what is there, and shows no secret (S4-113)", () => {
    const scripts = [...text.matchAll(/tools\/[\w/-]+\.sh/g)].map(([script]) => script);
    ok(scripts.length >= 5);
    for (const script of scripts) ok(existsSync(join(root, script)), script);
    for (const [, name = ""] of text.matchAll(/npm run (\w+)/g))
      ok(name in (JSON.parse(read("package.json")) as { scripts: object }).scripts);
    ok(!/set -x|echo .*PASSWORD|echo .*TOKEN/.test(text));
    // A script between double quotes would have secrets filled in by Jenkins, where the list of processes shows them.
    ok(!/^\s*sh\s*"/m.test(text));
  });

  test("opens and closes as much", () => {
    for (const [open, close] of [
      ["{", "}"],
      ["(", ")"],
      ["[", "]"],
    ] as const)
      strictEqual(text.split(open).length, text.split(close).length, open + close);
  });
});

describe("the scripts that both call", () => {
  const folder = mkdtempSync(join(tmpdir(), "stoa-pipeline-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const log = join(folder, "log");
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const place = (name: string, script: string) =>
    writeFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >>"${log}"\n${script}\n`, { mode: 0o755 });
  const digest = `sha256:${"a".repeat(64)}`;
  const publish = (...args: string[]) => {
    writeFileSync(log, "");
    const { status, stderr } = spawnSync(join(root, "tools/pipeline/publish-image.sh"), args, {
      encoding: "utf8",
      env: { PATH: `${bin}:${process.env["PATH"]}`, OUT: join(folder, "out") },
    });
    const acts = readFileSync(log, "utf8").split("\n").filter(Boolean);
    return { status, stderr, acts: acts.map((line) => line.split(" ").slice(0, 2).join(" ")), lines: acts };
  };
  const placeAll = (scan: number) => {
    // What docker writes for a build that was pushed, into the file that follows --metadata-file.
    place(
      "docker",
      `while [ $# -gt 0 ]; do [ "$1" = --metadata-file ] && echo '{"containerimage.digest": "${digest}"}' >"$2"; shift; done; echo container`,
    );
    place("trivy", `exit ${scan}`);
    place("cosign", "exit 0");
  };

  test("all can be run, and are sound shell", () => {
    for (const path of globSync("tools/pipeline/*.sh", { cwd: root })) {
      accessSync(join(root, path), constants.X_OK);
      strictEqual(spawnSync("bash", ["-n", path], { cwd: root }).status, 0, path);
    }
  });

  test("list every image that can be built", () => {
    const { stdout } = spawnSync("tools/pipeline/list-images.sh", { cwd: root, encoding: "utf8" });
    deepStrictEqual((JSON.parse(stdout) as string[]).sort(), [...images].sort());
  });

  test("take a tag for a release only when program and chart say the same", () => {
    const { version } = JSON.parse(read("package.json")) as { readonly version: string };
    const said = (tag: string) =>
      spawnSync("tools/pipeline/release-version.sh", [tag], { cwd: root, encoding: "utf8" });
    strictEqual(said(`v${version}`).stdout.trim(), version);
    match(said("v9.9.9").stderr, /Make all three the same/);
    match(said("main").stderr, /is not the tag of a release/);
  });

  test("build, scan, push, sign and attest, in this order and one digest (S4-90, S4-128, S0-72)", () => {
    placeAll(0);
    const { status, acts, lines, stderr } = publish("cart", "0.1.0", "registry.example.com/shop");
    strictEqual(status, 0, stderr);
    deepStrictEqual(acts, [
      "docker buildx",
      "trivy image",
      "docker create",
      "docker cp",
      "docker buildx",
      "cosign sign",
      "cosign attest",
      "docker rm",
    ]);
    match(
      lines[4] ?? "",
      /--push --provenance=mode=max --sbom=true .*--tag registry\.example\.com\/shop\/ecommerce\/cart:0\.1\.0/,
    );
    for (const line of lines.slice(5, 7))
      ok(line.endsWith(`registry.example.com/shop/ecommerce/cart@${digest}`), line);
  });

  test('push nothing that the scan refuses, nothing without a registry, and no "latest"', () => {
    placeAll(1);
    const refused = publish("cart", "0.1.0", "registry.example.com/shop");
    ok(refused.status !== 0);
    deepStrictEqual(refused.acts, ["docker buildx", "trivy image"]);
    placeAll(0);
    ok(!publish("cart", "0.1.0").lines.some((line) => /--push|cosign/.test(line)));
    match(publish("cart", "latest", "registry.example.com").stderr, /give this one a version/);
  });
});

test("newer versions are proposed for everything that is pinned", () => {
  const { updates } = parse(read(".github/dependabot.yml")) as {
    readonly updates: readonly {
      readonly "package-ecosystem": string;
      readonly directory?: string;
      readonly directories?: readonly string[];
    }[];
  };
  const kinds = updates.map(({ "package-ecosystem": kind }) => kind);
  deepStrictEqual(kinds.sort(), ["docker", "docker-compose", "github-actions", "npm", "terraform"]);
  for (const { directory, directories = [directory ?? ""] } of updates)
    for (const path of directories) ok(globSync(join(root, path)).length > 0, path);
  const npm = updates.find(({ "package-ecosystem": kind }) => kind === "npm");
  deepStrictEqual(
    [...(npm?.directories ?? [])].sort(),
    globSync("{.,tools/*}/package-lock.json", { cwd: root })
      .map((path) => `/${path.replace(/(^\.\/)?\/?package-lock\.json$/, "").replace(/^\.$/, "")}`)
      .sort(),
  );
});
