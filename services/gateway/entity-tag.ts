// Names of what was shown (RFC 9110, section 8.8): for caches the whole answer, for editors only what they can edit of it.
import { hash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { invalid } from "#platform/kit/errors.ts";

/** An answer with the part of its tag that changes with edits only. */
export interface TaggedAnswer {
  readonly answer: unknown;
  readonly editTag: string;
}

/** Sends it with its tag, or 304 to a GET of who has it. */
export async function sendTagged(
  request: FastifyRequest,
  reply: FastifyReply,
  { answer, editTag }: TaggedAnswer,
): Promise<FastifyReply> {
  const text = JSON.stringify(answer);
  const tag = `"${editTag}.${hash("sha256", text, "base64url").slice(0, 16)}"`;
  reply.header("etag", tag);
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (isRead && isKnown(request.headers["if-none-match"], tag)) return await reply.code(304).send();
  return await reply.type("application/json; charset=utf-8").send(text);
}

/** Whether an `If-None-Match` names this tag. */
export function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const known = parseTags(ifNoneMatch);
  return known === "any" || (known?.some(({ text }) => text === tag) ?? false);
}

/**
 * What an `If-Match` allows the edit to be made to, as edit tags; none where it does not matter. Weak tags match nothing here. Throws
 * `invalid` for what is no list of tags.
 */
export function editTagsOf(ifMatch: string | undefined): string[] {
  if (ifMatch === undefined) return [];
  const tags = parseTags(ifMatch);
  if (!tags)
    throw invalid([
      {
        path: "If-Match",
        message: 'must be * or the ETag of a product as it was answered, in quotation marks: "abc.def"',
      },
    ]);
  if (tags === "any") return [];
  return tags.map(({ text, isWeak }) => (isWeak ? `W/${text}` : (text.slice(1, -1).split(".", 1)[0] ?? "")));
}

interface Tag {
  /** With its quotation marks. */
  readonly text: string;
  readonly isWeak: boolean;
}

/** Undefined for what is no list of tags, "any" for `*`. */
function parseTags(header: string): readonly Tag[] | "any" | undefined {
  if (header.trim() === "*") return "any";
  const tags: Tag[] = [];
  const tag = /[ \t]*(?:(W\/)?("[\x21\x23-\x7e\x80-\xff]*"))?[ \t]*(,|$)/y;
  while (tag.lastIndex < header.length) {
    const match = tag.exec(header);
    if (!match) return undefined;
    if (match[2] !== undefined) tags.push({ text: match[2], isWeak: match[1] !== undefined });
  }
  return tags.length === 0 ? undefined : tags;
}
