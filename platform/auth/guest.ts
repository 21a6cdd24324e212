import { idFromName } from "#platform/kit/ids.ts";

/** Separates these ids from every other that is made from a name. */
const namespace = "stoa.guest-session";

/**
 * The actor id of a visitor who is known by a free text only (a session cookie, or a user_id of the foreign contract). The
 * same text always names the same guest; no text can name an account, whose ids are UUIDs of another version.
 */
export function guestIdOfSession(sessionKey: string): string {
  return idFromName(namespace, sessionKey);
}

/** True for ids that guestIdOfSession makes. */
export function isSessionGuestId(id: string): boolean {
  return id.charAt(14) === "5";
}
