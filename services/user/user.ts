import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { invalid } from "#platform/kit/errors.ts";
import { isVisible } from "#platform/kit/visible-text.ts";

export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly role: "customer" | "admin";
  readonly disabledAt: Date | null;
  readonly tokensNotBefore: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const nameLengthMax = 100;

/** A first or last name: none, or one line of up to 100 characters with something to see in it, without outer spaces. */
export function parseName(text: string, path: string): string {
  const name = text.length > nameLengthMax * 8 ? undefined : text.normalize("NFC").trim();
  if (name === undefined || Array.from(name).length > nameLengthMax)
    throw invalid([{ path, message: `must have at most ${nameLengthMax} characters` }]);
  if (/[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(name))
    throw invalid([{ path, message: "must not contain control characters" }]);
  if (text !== "" && !isVisible(name)) throw invalid([{ path, message: "must have something to see in it" }]);
  return name;
}

/** What others may see of an account. */
export function userMessage(user: UserRow) {
  const { id, email, firstName, lastName, role } = user;
  return {
    id,
    email,
    firstName,
    lastName,
    role,
    createdAt: timestampFromDate(user.createdAt),
    updatedAt: timestampFromDate(user.updatedAt),
  };
}
