import assert from "node:assert/strict";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { after, it } from "node:test";
import { systemClock } from "#platform/kit/clock.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { StoppedError } from "#platform/kit/stopped.ts";
import { testDatabaseUrl } from "#platform/testing/databases.ts";
import { whenThere, type Patience } from "./awaited.ts";
import { migrate } from "./migrate.ts";
import { openSession } from "./session.ts";

const url = await testDatabaseUrl("awaited");

/** Time passes as soon as somebody waits for it. */
function patience(patienceMs: number, onNote: (sentence: string) => unknown = () => undefined) {
  const notes: string[] = [];
  let nowMs = 0;
  const clock = {
    ...systemClock,
    monotonicMs: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
      await new Promise(setImmediate);
    },
  };
  const note = (sentence: string) => {
    notes.push(sentence);
    onNote(sentence);
  };
  return { notes, options: { clock, patienceMs, note } satisfies Patience };
}

const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

/** A port at which nobody listens until `open`, and then the server of these tests. */
async function laterPort() {
  const origin = new URL(url);
  const target = new URL(url);
  const server = createServer((socket) => {
    const through = connect(Number(origin.port || 5432), origin.hostname);
    for (const side of [socket, through]) side.on("error", () => undefined);
    socket.pipe(through).pipe(socket);
  });
  const listen = async (port: number) =>
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  target.host = `127.0.0.1:${port}`;
  const open = async () => {
    await listen(port);
    servers.push(server);
  };
  return { url: target.href, open };
}

it("a server that comes up later is waited for, and why is said once in a while", async () => {
  const later = await laterPort();
  const { notes, options } = patience(Number.POSITIVE_INFINITY, () => {
    if (notes.length === 3) void later.open();
  });
  assert.equal(await whenThere(options, async () => await migrate(later.url, [])), 0);
  assert.match(
    notes[0] ?? "",
    /cannot be reached \(ECONNREFUSED\).*tried again every second, for 0 s so far/,
  );
  assert.match(notes[1] ?? "", /for 15 s so far/);
});

it("a role or a database that somebody else still makes is waited for, up to the end of patience", async () => {
  for (const [change, says] of [
    [(target: URL) => (target.pathname = "/not_made_yet"), /has no database of this name/],
    [(target: URL) => (target.username = "not_made_yet"), /refuses the user name|role "not_made_yet"/],
  ] as const) {
    const target = new URL(url);
    change(target);
    const { notes, options } = patience(20_000);
    await assert.rejects(
      whenThere(options, async () => await migrate(target.href, [])),
      StartError,
    );
    assert.equal(notes.length, 2);
    assert.match(notes[0] ?? "", says);
  }
});

it("what waiting does not mend is said at once, and so is everything without patience", async () => {
  const { notes, options } = patience(20_000);
  const wrong = new StartError("Migration cart/3 was edited after it ran.");
  await assert.rejects(
    whenThere(options, () => Promise.reject(wrong)),
    wrong,
  );
  const later = await laterPort();
  const once = patience(0);
  await assert.rejects(
    whenThere(once.options, async () => await openSession(later.url, "test")),
    /ECONNREFUSED/,
  );
  assert.deepEqual([...notes, ...once.notes], []);
});

it("whoever is told to end waits no longer", async () => {
  const stop = new AbortController();
  const later = await laterPort();
  const { options } = patience(Number.POSITIVE_INFINITY, () => stop.abort());
  await assert.rejects(
    whenThere({ ...options, stop: stop.signal }, async () => await migrate(later.url, [])),
    StoppedError,
  );
});
