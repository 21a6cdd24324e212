import { idFromName } from "#platform/kit/ids.ts";

/** Separate these ids from every other that is made from a name, and from each other. */
const sessionNamespace = "stoa.guest-session";
const foreignNamespace = "stoa.guest-foreign";

/**
 * The actor id of a visitor who is known by a session cookie only. The same text always names the same guest; no text can name an
 * account, whose ids are UUIDs of another version. The text is the secret: who knows it, is that guest.
 */
export function guestIdOfSession(sessionKey: string): string {
  return idFromName(sessionNamespace, sessionKey);
}

/**
 * The same for a user_id of the foreign contract, which is no secret ("alice"). The guests of one are never those of the other: no
 * session cookie opens what was ordered there, and nobody reaches a visitor's cart from there.
 */
export function guestIdOfForeignUser(userId: string): string {
  return idFromName(foreignNamespace, userId);
}

/** True for ids that these functions make. */
export function isSessionGuestId(id: string): boolean {
  return id.charAt(14) === "5";
}
