import { invalid } from "#platform/kit/errors.ts";
import { isCommonPassword, isDisguised } from "./first-guesses.ts";

export const passwordLengthMin = 8;
export const passwordLengthMax = 200;

/** What a new password must be: 8 to 200 characters, none of the commonest, nothing that the shop or its address says already. */
export function parseNewPassword(text: string, email: string, shopName = ""): string {
  const fault = passwordFault(text, email, shopName);
  if (fault !== undefined) throw invalid([{ path: "password", message: fault }]);
  return text;
}

/** Completes "The password …", or `undefined` when it will do. */
export function passwordFault(text: string, email: string, shopName = ""): string | undefined {
  if (!isPasswordLength(text))
    return `must have from ${passwordLengthMin} to ${passwordLengthMax} characters`;
  if (isDisguised(text, [email, email.split("@")[0] ?? ""])) return "must not be the email address";
  if (isDisguised(text, [shopName])) return "must not be the name of the shop";
  if (isCommonPassword(text)) return "is one of the commonest passwords; choose another one";
  return undefined;
}

/** True when it is neither too short nor too long; counted in characters as people see them typed. */
export function isPasswordLength(text: string): boolean {
  if (text.length > passwordLengthMax * 4) return false;
  const length = Array.from(text.normalize("NFC")).length;
  return length >= passwordLengthMin && length <= passwordLengthMax;
}
