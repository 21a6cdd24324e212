import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, test } from "node:test";
import { createHttpServer, listen, type HttpApp } from "#platform/http/server.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { eventually } from "#platform/testing/test-clock.ts";
import { page, redirect, type Answer, type Route } from "./answer.ts";
import { html } from "./html.ts";
import { LiveStreams } from "./live.ts";
import { PageRequest } from "./page-request.ts";
import { mountSite, strictPolicy, type Site } from "./router.ts";
import { ForeignRequest } from "./same-origin.ts";

const state = { shown: "one", isBroken: false };
const newStreams = () => new LiveStreams({ clock: systemClock, streamsMax: 2, everyMs: 5 });

function liveElement() {
  if (state.isBroken) throw new Error("The API is away.");
  return html`<p id="now" data-live="/staff/now">${state.shown} &</p>`;
}

const routes: readonly Route<PageRequest>[] = [
  { method: "GET", url: "/", page: () => page("Room", html`<p>${"<b>"}</p>`) },
  { method: "POST", url: "/change", page: ({ form }) => redirect(`/staff/${form.get("to")}`) },
  { method: "GET", url: "/leave", page: () => redirect("/"), changes: true },
  { method: "GET", url: "/broken", page: () => Promise.reject(new Error("It broke.")) },
  {
    method: "GET",
    url: "/now",
    page: () => ({ kind: "live", first: liveElement(), next: () => Promise.resolve(liveElement()) }),
  },
];

function site(prefix: string, streams = newStreams()): Site<PageRequest> {
  return {
    routes,
    prefix,
    policy: strictPolicy,
    hstsSeconds: 60,
    live: streams,
    visit: (request) => new PageRequest(request, { isSecure: false, hosts: ["shop.example"] }),
    frame: (_visit, { title, body }) => html`<title>${title}</title>${body}`,
    refuse: (visit, error): Answer => {
      visit.cookies.set("seen", "1");
      const status = error instanceof ForeignRequest ? 403 : 500;
      return page(status === 403 ? "Foreign" : "Broken", html`<p>No.</p>`, { status });
    },
    notFound: () => page("Nowhere", html`<p>No.</p>`, { status: 404 }),
  };
}

async function open(...sites: Site<PageRequest>[]): Promise<HttpApp> {
  const app = createHttpServer({ service: "pages", log: silentLog });
  for (const one of sites) await mountSite(app, one);
  after(async () => await app.close());
  return app;
}

test("a page comes in its frame with the security headers, and what it did not make is escaped", async () => {
  const app = await open(site("/staff"));
  const answer = await app.inject({ url: "/staff" });
  assert.equal(answer.body, "<title>Room</title><p>&lt;b&gt;</p>");
  assert.equal(answer.headers["content-security-policy"], strictPolicy);
  assert.equal(answer.headers["strict-transport-security"], "max-age=60");
  assert.equal(answer.headers["x-frame-options"], "DENY");
});

test("a change that another site caused reaches no page, be it a form or a link", async () => {
  const app = await open(site("/staff"));
  const headers = { "sec-fetch-site": "cross-site", "content-type": "application/x-www-form-urlencoded" };
  const form = { method: "POST", url: "/staff/change", payload: "to=here" } as const;
  assert.equal((await app.inject({ ...form, headers })).statusCode, 403);
  assert.equal((await app.inject({ url: "/staff/leave", headers })).statusCode, 403);
  const own = await app.inject({ ...form, headers: { ...headers, "sec-fetch-site": "same-origin" } });
  assert.deepEqual([own.statusCode, own.headers["location"]], [302, "/staff/here"]);
});

test("two sites share one origin: each answers what is broken or unknown below its own prefix", async () => {
  const app = await open(site(""), {
    ...site("/staff"),
    notFound: () => page("Staff", html``, { status: 404 }),
  });
  assert.match((await app.inject({ url: "/nowhere" })).body, /Nowhere/);
  assert.match((await app.inject({ url: "/staff/nowhere" })).body, /Staff/);
  const broken = await app.inject({ url: "/staff/broken" });
  assert.equal(broken.statusCode, 500);
  assert.match(String(broken.headers["set-cookie"]), /^seen=1;/);
});

/** What a stream has said so far; the caller waits for it to grow. */
async function follow(
  url: string,
): Promise<{ response: Response; said: () => string; hasEnded: () => boolean }> {
  const response = await fetch(url);
  let text = "";
  let isOver = false;
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array);
  };
  void read()
    .catch(() => undefined)
    .finally(() => (isOver = true));
  return { response, said: () => text, hasEnded: () => isOver };
}

test("a live element is sent at once and again only when it differs", async () => {
  const origin = `http://127.0.0.1:${await listen(await open(site("/staff")), "127.0.0.1", 0)}`;
  const stream = await follow(`${origin}/staff/now`);
  assert.equal(stream.response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  await eventually("some looks found nothing new", () => /(\n\n:){3}/.test(stream.said()));
  assert.equal(stream.said().match(/data: <p id="now"/g)?.length, 1);
  state.shown = "<two>";
  await eventually("the change has arrived", () => /^data: .*&lt;two&gt; &/m.test(stream.said()));
  state.isBroken = true;
  await eventually("an element that cannot be made ends its stream", stream.hasEnded);
  assert.equal(
    (await fetch(`${origin}/staff/now`)).status,
    500,
    "and one that never began is a page that broke",
  );
  state.isBroken = false;
});

test("streams are bounded in number, end when their reader leaves, and never hold up the drain", async () => {
  const streams = newStreams();
  const app = await open(site("/staff", streams));
  const url = `http://127.0.0.1:${await listen(app, "127.0.0.1", 0)}/staff/now`;
  const leave = new AbortController();
  const leaving = await fetch(url, { signal: leave.signal });
  const stays = await follow(url);
  const third = await fetch(url);
  assert.deepEqual([third.status, third.headers.get("retry-after")], [503, "30"]);
  // Named, so that it is not collected, and its stream ended, before.
  assert.equal(leaving.status, 200);
  leave.abort();
  await eventually("the place of who left is free", () => streams.size === 1);
  const startedMs = systemClock.monotonicMs();
  await app.close();
  assert.ok(systemClock.monotonicMs() - startedMs < 10_000, "it waits for nobody's idle connection");
  await eventually("the stream has ended", stays.hasEnded);
  assert.equal(streams.size, 0);
});

test("whoever hangs up in the midst of a form has caused no error", async () => {
  const refused: unknown[] = [];
  const watched: Site<PageRequest> = {
    ...site("/staff"),
    refuse: (_visit, error) => {
      refused.push(error);
      return page("Broken", html`<p>No.</p>`, { status: 500 });
    },
  };
  const app = createHttpServer({ service: "pages", log: silentLog });
  after(async () => await app.close());
  let gone = 0;
  app.addHook("onRequestAbort", (_request, done) => {
    gone += 1;
    done();
  });
  await mountSite(app, watched);
  const port = await listen(app, "127.0.0.1", 0);
  const socket = connect(port, "127.0.0.1", () =>
    socket.write(
      "POST /staff/change HTTP/1.1\r\nHost: shop.example\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nto=",
      () => setImmediate(() => socket.destroy()),
    ),
  );
  await eventually("it is over", () => gone === 1);
  assert.deepEqual(refused, []);
});
