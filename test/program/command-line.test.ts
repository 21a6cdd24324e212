// What the command line understands, what it refuses, and that help runs nothing.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { promisify, styleText } from "node:util";
import fc from "fast-check";
import { isGroup, readCommandLine } from "../../commands/command-line.ts";
import { completion } from "../../commands/completion.ts";
import { failureText } from "../../commands/failure.ts";
import { helpOf, usageOf } from "../../commands/help.ts";
import { commands } from "../../commands/index.ts";
import { paintFor } from "../../commands/paint.ts";
import { UsageError } from "../../commands/usage-error.ts";
import { testContext } from "./test-context.ts";

const folder = await mkdtemp(join(tmpdir(), "stoa-command-line-"));
after(async () => await rm(folder, { recursive: true, force: true }));

const plain = paintFor({}, {});
const ask = (line: string) => readCommandLine(commands, line === "" ? [] : line.split(" "));

/** The path of every command there is. */
const paths = Object.entries(commands).flatMap(([name, entry]) =>
  isGroup(entry) ? Object.keys(entry.commands).map((verb) => [name, verb]) : [[name]],
);

function refusalOf(line: string): string {
  try {
    ask(line);
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error.message;
  }
  return assert.fail(`"${line}" was understood.`);
}

it("help stands anywhere, in any form, and asks for nothing else", () => {
  for (const path of paths) {
    const line = path.join(" ");
    for (const words of [`${line} --help`, `${line} -h`, `help ${line}`, `${line} --nonsense -h extra words`])
      assert.deepEqual(ask(words), { kind: "help", path }, words);
  }
  for (const words of ["", "help", "--help", "-h"]) assert.deepEqual(ask(words), { kind: "help", path: [] });
  assert.deepEqual(ask("admin --help"), { kind: "help", path: ["admin"] });
  assert.deepEqual(ask("--help check"), { kind: "help", path: ["check"] });
  for (const words of ["--version", "-V"]) assert.deepEqual(ask(words), { kind: "version" });
});

it("help of every command shows its usage, its options and an example that is understood", () => {
  for (const path of paths) {
    const entry = commands[path[0] ?? ""];
    assert.ok(entry);
    const command = isGroup(entry) ? entry.commands[path[1] ?? ""] : entry;
    assert.ok(command);
    const text = helpOf(commands, path, plain);
    assert.ok(text.includes(`stoa ${usageOf(path, command)}`), text);
    assert.match(text, /--help/);
    for (const [words] of command.examples) {
      assert.ok(text.includes(`stoa ${words}`), text);
      const asked = ask(words.replace(/ [>|] .*/, ""));
      assert.equal(asked.kind === "run" && asked.command, command, words);
    }
    assert.ok(helpOf(commands, [], plain).includes(usageOf(path, command)));
  }
});

it("what is not understood is refused with the nearest right word, or with what is missing", () => {
  const refusals: { readonly [line: string]: RegExp } = {
    imprt: /no command "imprt"\. Did you mean import\?/,
    Check: /Did you mean check\?/,
    conf: /Did you mean config\?/,
    xyzzy: /no command "xyzzy"\. There are: serve, migrate/,
    "help imprt": /Did you mean import\?/,
    "imprt --help": /Did you mean import\?/,
    "admin creat a@b.c": /no command "admin creat"\. Did you mean admin create\?/,
    admin: /admin wants to know what to do: admin create\./,
    "admin create": /admin create wants <email>: the address that signs in\./,
    import: /import wants <file>: a file/,
    "import a.csv b.csv": /import takes no more than <file> behind it, but there is "b\.csv"/,
    "migrate now": /migrate takes nothing behind it, but there is "now"/,
    "import a.csv --stric": /import has no option --stric\. Did you mean --strict\?/,
    "import a.csv -strict": /no option -strict\. Did you mean --strict\?/,
    "check --josn": /Did you mean --json\?/,
    "check --json=yes": /--json takes no value/,
    "check --json --json": /--json is said twice/,
    "--json check": /--json stands before any command/,
    "completion tcsh": /<shell> of completion cannot be "tcsh"\./,
    constructor: /no command "constructor"/,
    "check --toString": /check has no option --toString/,
  };
  for (const [line, pattern] of Object.entries(refusals)) assert.match(refusalOf(line), pattern, line);
  const asked = ask("import -- --odd-name.csv");
  assert.deepEqual(asked.kind === "run" && asked.args, ["--odd-name.csv"]);
});

it("any words end in help, a command or a refusal, never in anything else", () => {
  const words = fc.oneof(
    fc.constantFrom(...paths.flat(), "--json", "--help", "--", "-", "--strict", "="),
    fc.string({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 6 }), (line) => {
      try {
        assert.ok(["help", "version", "run"].includes(readCommandLine(commands, line).kind));
      } catch (error) {
        assert.ok(error instanceof UsageError, String(error));
      }
    }),
    { numRuns: 500 },
  );
});

it("colours are for terminals; NO_COLOR takes them away and FORCE_COLOR brings them everywhere", () => {
  const painted = (isTTY: boolean, environment: Record<string, string>) =>
    paintFor({ isTTY }, environment)("red", "word") !== "word";
  assert.deepEqual(
    [
      painted(true, {}),
      painted(false, {}),
      painted(true, { NO_COLOR: "1" }),
      painted(true, { NO_COLOR: "" }),
    ],
    [true, false, false, true],
  );
  assert.deepEqual(
    [
      painted(false, { FORCE_COLOR: "1" }),
      painted(true, { FORCE_COLOR: "0" }),
      painted(false, { FORCE_COLOR: "1", NO_COLOR: "1" }),
      painted(true, { TERM: "dumb" }),
    ],
    [true, false, false, false],
  );
});

it("what a person can mend is one sentence; a fault of ours keeps its stack", async () => {
  const missing = await import("node:fs/promises").then(({ readFile }) =>
    readFile(join(folder, "no.csv")).catch((error: unknown) => error),
  );
  assert.equal(
    failureText(missing, false, plain),
    `\n${join(folder, "no.csv")} cannot be used: there is no such file or folder.\n`,
  );
  const refused = Object.assign(new Error("connect ECONNREFUSED"), {
    code: "ECONNREFUSED",
    syscall: "connect",
    address: "127.0.0.1",
    port: 5,
  });
  assert.match(failureText(refused, false, plain), /^\nThe database server at 127\.0\.0\.1:5 cannot be used/);
  assert.match(failureText(new TypeError("a.b is not a function"), false, plain), /\n +at /);
  assert.match(failureText(new TypeError("closed"), true, plain), /^\nStopped before it was done\.\n$/);
});

it("completion of each shell knows every command and option, and bash completes with it", async () => {
  const scripts: Record<string, string> = {};
  for (const shell of ["bash", "zsh", "fish"]) {
    const asked = ask(`completion ${shell}`);
    assert.equal(asked.kind, "run");
    const lines: string[] = [];
    if (asked.kind === "run") await completion(testContext(asked, (line) => lines.push(line)));
    scripts[shell] = lines.join("\n");
    for (const [name = "", verb = ""] of paths) {
      assert.match(scripts[shell], new RegExp(`\\b${name}\\b`));
      assert.match(scripts[shell], new RegExp(`\\b${verb}\\b`));
    }
    assert.match(scripts[shell], /--reset-password/);
  }
  await writeFile(join(folder, "completion"), scripts["bash"] ?? "");
  const complete = (...words: string[]) => {
    const line = `. ${join(folder, "completion")}; COMP_WORDS=(stoa ${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}; _stoa; echo "\${COMPREPLY[*]}"`;
    return execFileSync("bash", ["-c", line], { encoding: "utf8" }).trim().split(/\s+/);
  };
  assert.deepEqual(complete("ch"), ["check"]);
  assert.deepEqual(complete("admin", "cr"), ["create"]);
  assert.deepEqual(complete("admin", "create", "--res"), ["--reset-password"]);
  assert.ok(complete("serve", "").includes("storefront"));
});

const program = new URL("../../main.ts", import.meta.url).pathname;

/** Runs the program in an empty folder. */
async function stoa(words: string[], environment: Record<string, string> = {}) {
  const env = { PATH: process.env["PATH"], ...environment };
  return await promisify(execFile)(process.execPath, [program, ...words], { env, cwd: folder }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
}

it("the program ends with 0 after help, 2 when it does not understand, 1 when it cannot, and without a stack", async () => {
  const wrongSettings = { SHOP_CURENCY: "EUR" };
  const help = await stoa(["migrate", "--help"], { ...wrongSettings, FORCE_COLOR: "1" });
  assert.deepEqual([help.code, help.stderr], [0, ""]);
  assert.ok(help.stdout.includes(styleText("bold", "Usage", { validateStream: false })), help.stdout);
  const unknown = await stoa(["imprt"], { ...wrongSettings, NO_COLOR: "1" });
  assert.deepEqual([unknown.code, unknown.stdout], [2, ""]);
  assert.match(unknown.stderr, /Did you mean import\?/);
  const service = await stoa(["serve", "crat"]);
  assert.equal(service.code, 2);
  assert.match(service.stderr, /There is no service "crat"\. Did you mean cart\?/);
  const mistakes: readonly (readonly [string, RegExp])[] = [
    ["admin create foo", /email: must be an email address/],
    ["user erase nobody", /email: must be an email address/],
    ["check", /There is no shop in .*\.stoa yet/],
    ["tasks list --json", /There is no shop in .*\.stoa yet/],
  ];
  const refused = await Promise.all(mistakes.map(async ([words]) => await stoa(words.split(" "))));
  for (const [at, [words, sentence]] of mistakes.entries()) {
    const { code, stdout = "", stderr = "" } = refused[at] ?? {};
    assert.deepEqual([code, stdout], [1, ""], words);
    assert.match(stderr, sentence);
    assert.doesNotMatch(stderr, /\n +at /);
  }
  const settings = await stoa(["config", "--print", "--json", "cart"], { CART_EXPIRY_SECONDS: "60" });
  const printed: { settings: { cart: { CART_EXPIRY_SECONDS: number } } } = JSON.parse(settings.stdout);
  assert.equal(printed.settings.cart.CART_EXPIRY_SECONDS, 60);
  assert.ok(!existsSync(join(folder, ".stoa")), "nothing was made for a look");
});
