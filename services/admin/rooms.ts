// Rooms that extensions add: opened at start, and let in nobody but the staff.
import { readFile } from "node:fs/promises";
import type { Static, TSchema } from "@fastify/type-provider-typebox";
import { Value } from "typebox/value";
import { loadMessages } from "#platform/kit/messages.ts";
import { StartError } from "#platform/kit/start-error.ts";
import type { Answer, Route } from "#platform/web/answer.ts";
import { Words } from "#platform/web/words.ts";
import type { AdminPage, AdminRoom, StaffVisit } from "./extension.ts";
import { noStore } from "./router.ts";
import type { AdminVisit } from "./visit.ts";

/** A room with its texts in the language of the shop. */
export interface OpenRoom {
  readonly href: string;
  readonly words: Words<string>;
  readonly pages: readonly AdminPage[];
}

export async function openRooms(
  rooms: readonly AdminRoom[],
  { locale, themes }: { locale: string; themes: readonly URL[] },
): Promise<OpenRoom[]> {
  return await Promise.all(
    rooms.map(async ({ name, messages, pages }) => {
      const english = await readEnglish(name, messages);
      const source = { service: name, folder: messages, english, locale, themes };
      return { href: `/admin/${name}`, words: new Words(await loadMessages(source)), pages };
    }),
  );
}

async function readEnglish(name: string, messages: URL): Promise<{ readonly [key: string]: string }> {
  const file = new URL("en.json", messages);
  const english = await readFile(file, "utf8").then(JSON.parse, (): unknown => undefined);
  if (typeof (english as { title?: unknown } | undefined)?.title === "string")
    return english as { readonly [key: string]: string };
  throw new StartError(
    `The room ${name} of the admin needs ${file.pathname} with its texts in English; "title" stands in the side bar.`,
  );
}

/** The pages of all rooms. Throws a StartError for a name or a page that is there already, or that cannot be. */
export function roomRoutes(
  rooms: readonly OpenRoom[],
  house: readonly Pick<Route<AdminVisit>, "url">[],
): Route<AdminVisit>[] {
  const taken = new Set(["static", ...house.map(({ url }) => url.split("/")[1] ?? "")]);
  return rooms.flatMap((room) => {
    const name = room.href.slice("/admin/".length);
    if (!/^[a-z][a-z0-9-]{0,39}$/.test(name))
      throw new StartError(`"${name}" cannot name a room of the admin: small letters, digits and dashes.`);
    if (taken.has(name))
      throw new StartError(
        `The admin has /admin/${name} already. Give the room of the extension another name.`,
      );
    taken.add(name);
    return room.pages.map((page, index) => {
      const isTwice = room.pages.findIndex((one) => addressOf(one) === addressOf(page)) !== index;
      if (isTwice || !/^\/([\w:-]+(\/[\w:-]+)*)?$/.test(page.path))
        throw new StartError(
          `The room ${name} of the admin cannot have ${page.method} ${page.path}: a path begins with a slash, and is there once.`,
        );
      return routeOf(room, name, page);
    });
  });
}

const addressOf = ({ method, path }: AdminPage) => `${method} ${path.replaceAll(/:\w+/g, ":")}`;

function routeOf(room: OpenRoom, name: string, { method, path, page }: AdminPage): Route<AdminVisit> {
  return {
    method,
    url: `/${name}${path === "/" ? "" : path}`,
    page: async (visit) => {
      const answer = await page(await staffVisit(visit, room));
      if (answer.kind === "live") visit.signIn.hold();
      return withHousePolicy(answer);
    },
  };
}

async function staffVisit(visit: AdminVisit, { words }: OpenRoom): Promise<StaffVisit> {
  const user = await visit.requireStaff();
  const { path, query, params, form } = visit;
  return {
    ...{ path, query, params, form, user, words },
    ask: async (id, request) => await visit.ask(id, request),
    request: async (answer, method, address, request = {}) =>
      fitting(answer, await visit.request(method, address, request), `${method} ${address}`),
  };
}

function fitting<A extends TSchema>(schema: A, answer: unknown, asked: string): Static<A> {
  if (Value.Check(schema, answer)) return answer;
  throw new Error(`The answer to ${asked} is not what the room of the extension says it is.`);
}

/** What a page may load, and who may keep it, is the house's to say. */
const housesOwn =
  /^(content-security-policy|x-frame-options|x-content-type-options|referrer-policy|permissions-policy|cross-origin-.+|strict-transport-security|cache-control|set-cookie)$/i;

function withHousePolicy(answer: Answer): Answer {
  if (answer.kind !== "page" && answer.kind !== "bytes") return answer;
  const own = Object.entries(answer.headers ?? {}).filter(([header]) => !housesOwn.test(header));
  return { ...answer, headers: { ...Object.fromEntries(own), ...noStore } };
}
