// One readable stream for many processes: whole lines under their names, whatever the processes say and however fast it is read.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { PassThrough } from "node:stream";
import { it } from "node:test";
import { eventually } from "#platform/testing/test-clock.ts";
import { createLogger } from "#platform/telemetry/log.ts";
import { SplitLog, type LineSink } from "../../commands/split-log.ts";
import { paintFor } from "../../commands/paint.ts";

const plain = paintFor({}, { NO_COLOR: "1" });
const coloured = paintFor({}, { FORCE_COLOR: "1" });
const escape = String.fromCharCode(27);
const names = ["user", "recommendation", "cart"];

function open(format: "json" | "pretty", paint = plain) {
  let text = "";
  const sink: LineSink = (more) => {
    text += more;
    return Promise.resolve();
  };
  const log = new SplitLog({ format, paint, names, sink });
  const lines = async () => {
    await log.flush();
    return text.split("\n").slice(0, -1);
  };
  return { log, lines };
}

/** What a process of a service writes with our own logger. */
function logged(service: string, level: "info" | "warn" | "error", message: string): string {
  let line = "";
  createLogger({ level: "info", format: "json" }, (text) => (line += text))
    .child({ service })
    [level]({ orderId: "o1" }, message);
  return line;
}

it("people read every line under its service's name, in columns, and what a service logs without its name again", async () => {
  const { log, lines } = open("pretty");
  log.say("PostgreSQL is up.");
  log.line("cart", logged("cart", "warn", "It is late."));
  log.line("recommendation", "(node:1) Warning: something of Node's own");
  log.line("user", '{"half": ');
  const [first, second, third, fourth] = await lines();
  assert.equal(first, "PostgreSQL is up.");
  assert.match(second ?? "", /^cart {11}\| \d\d:\d\d:\d\d\.\d{3} WARN {2}It is late\. \{"orderId":"o1"\}$/);
  assert.equal(third, "recommendation | (node:1) Warning: something of Node's own");
  assert.equal(fourth, 'user           | {"half": ');
});

it("a terminal shows names and what is wrong in colours, each name always in the same", async () => {
  const { log, lines } = open("pretty", coloured);
  log.line("cart", logged("cart", "error", "It is broken."));
  log.line("cart", logged("cart", "info", "It is well."));
  log.line("user", logged("user", "info", "It is well."));
  const [broken = "", well = "", other = ""] = await lines();
  const colourOf = (line: string) => line.slice(0, line.indexOf("m") + 1);
  assert.ok(broken.startsWith(escape) && well.startsWith(escape));
  assert.equal(colourOf(broken), colourOf(well));
  assert.notEqual(colourOf(well), colourOf(other));
  assert.ok(broken.includes(`${escape}[31m`));
});

it("machines read JSON in every line, with the service that said it, also of what is no JSON and of the launcher", async () => {
  const { log, lines } = open("json");
  log.line("cart", logged("cart", "warn", "It is late."));
  log.line("cart", logged("operations", "warn", "It is busy."));
  log.line("cart", "Error: out of memory", true);
  log.line("cart", '["no entry"]');
  log.say("\n  The shop is open.\n    admin  http://localhost:3000/admin");
  const entries = (await lines()).map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    entries.map(({ service, part, level, msg }) => [service, part, level, msg]),
    [
      ["cart", undefined, "warn", "It is late."],
      ["cart", "operations", "warn", "It is busy."],
      ["cart", undefined, "error", "Error: out of memory"],
      ["cart", undefined, "info", '["no entry"]'],
      ["launcher", undefined, "info", "The shop is open."],
      ["launcher", undefined, "info", "admin  http://localhost:3000/admin"],
    ],
  );
  assert.equal(entries[0]?.["orderId"], "o1");
});

it("lines that arrive in pieces are whole and in order, and the last words of a killed process are kept", async () => {
  const { log, lines } = open("pretty");
  const program = `
    const pieces = [..."one é\\ntwo\\n"].map((letter) => Buffer.from(letter)).flatMap((bytes) => [...bytes]);
    for (const byte of pieces) process.stdout.write(Buffer.from([byte]));
    for (let line = 0; line < 2000; line += 1) process.stdout.write("line " + line + "\\n");
    process.stdout.write("cut off", () => process.kill(process.pid, "SIGKILL"));`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  log.follow("cart", child.stdout, false);
  await eventually(
    "the last words are there",
    async () => (await lines()).at(-1)?.endsWith("cut off") === true,
  );
  const said = (await lines()).map((line) => line.replace("cart           | ", ""));
  const numbered = Array.from({ length: 2000 }, (_, line) => `line ${line}`);
  assert.deepEqual(said, ["one é", "two", ...numbered, "cut off"]);
});

it("a reader that stops reading keeps no service waiting; what is left out meanwhile is counted", async () => {
  const read = Promise.withResolvers<void>();
  let text = "";
  const sink: LineSink = async (more) => {
    await read.promise;
    text += more;
  };
  const log = new SplitLog({ format: "pretty", paint: plain, names, sink });
  const stream = new PassThrough();
  log.follow("cart", stream, false);
  const line = `${"x".repeat(999)}\n`;
  const sent = 10_000;
  for (let count = 0; count < sent; count += 1) stream.write(line);
  await eventually("everything is taken", () => stream.readableLength + stream.writableLength === 0);
  await log.flush(10);
  assert.equal(text, "");
  read.resolve();
  await log.flush();
  log.line("cart", "after");
  await log.flush();
  const [, leftOut = "0"] =
    /^(\d+) lines were left out here: nobody read as fast as they came\.$/m.exec(text) ?? [];
  const kept = text.split("\n").filter((part) => part.includes("xxx")).length;
  assert.equal(kept + Number(leftOut), sent);
  assert.ok(kept < 5_000, `${kept} kept`);
  assert.match(text, /\ncart {11}\| after\n$/);
});
