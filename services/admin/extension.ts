// What extensions may add to the admin.
import type { Static, TSchema } from "@fastify/type-provider-typebox";
import type { AnswerOf, FreeRequest, OperationId, RequestOf } from "#gen/rest/rest-client.ts";
import type { User } from "#gen/rest/types.ts";
import { definePoint } from "#platform/kit/extension.ts";
import type { Answer } from "#platform/web/answer.ts";
import type { PageRequest } from "#platform/web/page-request.ts";
import type { Words } from "#platform/web/words.ts";

/** Pages of one subject: an entry in the side bar, and everything below `/admin/<name>`. */
export interface AdminRoom {
  /** kebab-case. One that the house or another extension has is refused at start. */
  readonly name: string;
  /**
   * Folder of its texts: `en.json` and other languages, in ICU MessageFormat. The text `title` stands in the side bar. A theme
   * replaces single ones in `messages/<name>.<language>.json`.
   */
  readonly messages: URL;
  readonly pages: readonly AdminPage[];
}

/** One page. Only the staff gets here, from pages of the shop; what it may load is what pages of the house may load. */
export interface AdminPage {
  readonly method: "GET" | "POST";
  /** Below the room: "/" for the page that the side bar leads to, "/:id" for a part. */
  readonly path: string;
  readonly page: (visit: StaffVisit) => Promise<Answer> | Answer;
}

/** One request of one of the staff. */
export interface StaffVisit extends Pick<PageRequest, "path" | "query" | "params" | "form"> {
  readonly user: User;
  /** The room's own texts; amounts, numbers and times as the shop writes them. */
  readonly words: Words<string>;
  /** Asks an operation of the house in their name. A refusal of the API that nobody catches becomes a page. */
  readonly ask: <Id extends OperationId>(id: Id, request: RequestOf<Id>) => Promise<AnswerOf<Id>>;
  /**
   * Asks an endpoint of an extension in their name: `request(Wish, "GET", "/api/wishes/{id}", { path: { id } })`. What does not fit
   * the schema of the answer throws.
   */
  readonly request: <A extends TSchema>(
    answer: A,
    method: string,
    path: string,
    request?: FreeRequest,
  ) => Promise<Static<A>>;
}

/** Rooms beside those of the house, after them in the side bar. */
export const adminPages = definePoint<AdminRoom>("admin.pages");
