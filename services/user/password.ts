import { invalid } from "#platform/kit/errors.ts";

export const passwordLengthMin = 8;
export const passwordLengthMax = 200;

/** What a new password must be: 8 to 200 characters, none of the commonest, not the address itself. */
export function parseNewPassword(text: string, email: string, path = "password"): string {
  const fault = passwordFault(text, email);
  if (fault !== undefined) throw invalid([{ path, message: fault }]);
  return text;
}

/** Completes "The password …", or `undefined` when it will do. */
export function passwordFault(text: string, email: string): string | undefined {
  if (!isPasswordLength(text))
    return `must have from ${passwordLengthMin} to ${passwordLengthMax} characters`;
  const plain = text.toLowerCase();
  if (plain === email || plain === email.split("@")[0]) return "must not be the email address";
  if (isCommon(plain)) return "is one of the commonest passwords; choose another one";
  return undefined;
}

/** True when it is neither too short nor too long; counted in characters as people see them typed. */
export function isPasswordLength(text: string): boolean {
  if (text.length > passwordLengthMax * 4) return false;
  const length = Array.from(text.normalize("NFC")).length;
  return length >= passwordLengthMin && length <= passwordLengthMax;
}

function isCommon(plain: string): boolean {
  if (new Set(plain).size === 1) return true;
  if (sequences.some((sequence) => sequence.includes(plain))) return true;
  const stem = plain.replace(/[^\p{L}]+$/u, "");
  return commonPasswords.has(plain) || commonStems.has(stem);
}

const rows = [
  "01234567890123456789",
  "abcdefghijklmnopqrstuvwxyz",
  "qwertyuiop",
  "asdfghjkl",
  "qwertzuiop",
  "azertyuiop",
];
const sequences = rows.flatMap((row) => [row, Array.from(row).reverse().join("")]);

/** Refused with any digits and signs behind them: Password1, letmein2024!. */
const commonStems = new Set(
  (
    "password passwort passw p@ssword p@ssw pa$$word passwd qwerty qwertyuiop qwertz azerty letmein welcome admin administrator " +
    "changeme secret default iloveyou monkey dragon football baseball basketball superman batman princess sunshine shadow " +
    "master michael jennifer jordan hunter trustno starwars pokemon computer internet whatever freedom cheese summer winter " +
    "spring autumn abcdef abcd abc test testing guest user login root demo example hello killer pepper ginger mustang " +
    "liverpool chelsea arsenal barcelona google facebook samsung"
  ).split(" "),
);

const commonPasswords = new Set(
  (
    "1q2w3e4r 1q2w3e4r5t q1w2e3r4 1qaz2wsx zaq12wsx qazwsxedc 1qazxsw2 qweasdzxc asdfasdf qwerqwer zxcvbnm1 asdfghjkl1 " +
    "abcd1234 1234abcd a1b2c3d4 aa123456 a12345678 123456aa 12341234 11112222 11223344 12121212 12344321 123123123 " +
    "123321123 147258369 987654321 88888888 159753159 passw0rd p@ssw0rd pa55word pass1234 1password 123password 123qweasd " +
    "qwe123qwe q1w2e3r4t5 iloveyou1 sunshine1 1234qwer qwer1234 asdf1234 zxcv1234 trustno1 letmein1 changeme123 redis123"
  ).split(" "),
);
