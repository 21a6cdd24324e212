// The first seconds of a shop: what it says when it cannot start, and that nobody is let in before the first page is whole.
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, it } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { freePorts } from "#platform/kit/free-ports.ts";

const program = new URL("../../main.ts", import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), "stoa-starting-"));
const started: { readonly child: ChildProcess; readonly ended: Promise<number> }[] = [];
after(async () => {
  // A test that failed leaves its shop behind.
  for (const { child } of started) child.kill("SIGTERM");
  await Promise.all(started.map(async ({ ended }) => await ended));
  await rm(folder, { recursive: true, force: true });
});

const openWithinMs = 120_000;

/** A start takes longer than `eventually` waits, on a busy machine. */
async function until(what: string, isTrue: () => Promise<boolean> | boolean): Promise<void> {
  const untilMs = systemClock.monotonicMs() + openWithinMs;
  while (!(await isTrue())) {
    assert.ok(systemClock.monotonicMs() < untilMs, `Waited in vain until ${what}.`);
    await systemClock.sleep(20);
  }
}

/** Starts the program in an empty folder of its own. */
function start(words: readonly string[], environment: Record<string, string>) {
  const env = { PATH: process.env["PATH"], STOA_DATA: join(folder, "data"), ...environment };
  const child = spawn(process.execPath, [program, ...words], { env, cwd: folder });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = once(child, "close").then(([code]: unknown[]) => code as number);
  started.push({ child, ended });
  return { child, said: () => said, ended };
}

async function occupied(): Promise<{ port: number; free: () => void }> {
  const server = createServer();
  const listening = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", () => listening.resolve());
  await listening.promise;
  const address = server.address();
  return { port: typeof address === "object" && address ? address.port : 0, free: () => server.close() };
}

it("a busy port and a password nobody may have are told before anything is opened, in whole and in split mode", async () => {
  const busy = await occupied();
  const [free = 0] = await freePorts(1);
  const data = join(folder, "untouched");
  const settings = { STOA_DATA: data, PORT: String(free), GRPC_PORT: "0" };
  const weak = { ADMIN_EMAIL: "ada@example.com", ADMIN_PASSWORD: "short" };
  const wrong: readonly (readonly [string, Record<string, string>, RegExp])[] = [
    [
      "all",
      { PORT: String(busy.port) },
      /^\nPort \d+ cannot be opened on 127\.0\.0\.1: another program uses it/,
    ],
    [
      "split",
      { GRPC_PORT: String(busy.port) },
      /^\nPort \d+ for gRPC cannot be opened on 127\.0\.0\.1: another/,
    ],
    [
      "all",
      { HOST: "192.0.2.1" },
      /^\nPort \d+ cannot be opened on 192\.0\.2\.1: this machine has no such address/,
    ],
    [
      "split",
      weak,
      /^\nThe settings are not usable:\n {2}- ADMIN_PASSWORD must have from 8 to 200 characters\.\n/,
    ],
  ];
  await Promise.all(
    wrong.map(async ([role, more, sentence]) => {
      const { said, ended } = start(["serve", role], { ...settings, ...more });
      assert.equal(await ended, 1, said());
      assert.match(said(), sentence);
    }),
  );
  assert.ok(!existsSync(data), "no folder was made");
  busy.free();
});

it("a data folder in an impossible place ends in one sentence", async () => {
  const { said, ended } = start(["migrate"], { STOA_DATA: "/proc/nope" });
  assert.equal(await ended, 1, said());
  assert.match(
    said(),
    /^\nThe data folder \/proc\/nope\/postgres cannot be used: no folders can be made there; choose another folder with STOA_DATA\.\n\n$/,
  );
});

it("a signal while PostgreSQL makes its files ends the start with the truth, and the next one begins anew", async () => {
  const data = join(folder, "interrupted");
  const [port = 0, grpcPort = 0] = await freePorts(2);
  const settings = { STOA_DATA: data, PORT: String(port), GRPC_PORT: String(grpcPort) };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const { child, said, ended } = start(["serve", "all"], settings);
    const postgres = join(data, "postgres");
    await until("initdb is at work", () =>
      Promise.resolve(
        existsSync(postgres) && readdirSync(postgres).some((name) => /^cluster\.new-[^.]+$/.test(name)),
      ),
    );
    const startedMs = systemClock.monotonicMs();
    child.kill(signal);
    assert.equal(await ended, 0, said());
    assert.ok(systemClock.monotonicMs() - startedMs < 5_000);
    assert.match(said(), /\nStopped before it was open\.\n\n$/);
    assert.doesNotMatch(said(), /could not create/);
    assert.deepEqual(readdirSync(postgres), [], "no draft and no lock is left");
  }
});

it("nobody is let in before the first page is whole, and the last lines say where everything is and how to sign in", async () => {
  const data = join(folder, "whole");
  await mkdir(data);
  const [port = 0, grpcPort = 0] = await freePorts(2);
  const { child, said, ended } = start(["serve", "all"], {
    STOA_DATA: data,
    PORT: String(port),
    GRPC_PORT: String(grpcPort),
    AUDIT_SECONDS: "0",
  });
  const answers: { status: number; text: string }[] = [];
  const look = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
    if (answer) answers.push({ status: answer.status, text: await answer.text() });
    return answer?.status === 200 || child.exitCode !== null;
  };
  await until("the first page is there", look);
  const page = answers.at(-1);
  assert.equal(page?.status, 200, said());
  assert.match(page?.text ?? "", /href="\/category\/[a-z-]+"/);
  assert.deepEqual(
    [...new Set(answers.slice(0, -1).map(({ status }) => status))],
    [503],
    "only opening before",
  );
  await until("it says so", () => Promise.resolve(said().includes("Ctrl-C ends it cleanly.")));
  const box = said().slice(said().indexOf("The shop is open."));
  assert.match(
    box,
    new RegExp(`storefront +http://localhost:${port}/\\n +admin +http://localhost:${port}/admin`),
  );
  const [, email, password] = /admin's email +(\S+)\n +password +(\S+) /.exec(box) ?? [];
  const login = await fetch(`http://127.0.0.1:${port}/api/users/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  assert.equal(login.status, 200, box);
  child.kill("SIGTERM");
  assert.equal(await ended, 0);
});
