// Whether a secret is one that somebody who tries would find: examples, placeholders, patterns of a keyboard, common passwords.
import { isExampleSecret } from "#platform/kit/config.ts";
import { isCommonPassword } from "../services/user/first-guesses.ts";

/** Words of examples and placeholders; long enough that a random secret holds none of them. */
const placeholder =
  /change[-_ ]?(me|this|it)|replace[-_ ]?(me|this)|your[-_ ]?(own|secret|key|password)|example|secret[-_ ]?key|service[-_ ]?key|placeholder|insecure|super[-_ ]?secret|my[-_ ]?secret/i;

const rows = ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertz", "azerty"];
const neighbours = new Set(
  rows.flatMap((row) => Array.from(row.slice(1), (sign, index) => `${row.charAt(index)}${sign}`)),
);

/** True for what guards nothing: empty, an example, a common password, one sign or part again and again, or a sequence. */
export function isTrivialSecret(text: string): boolean {
  const plain = text.trim().toLowerCase();
  return (
    plain.length < 8 ||
    isExampleSecret(plain) ||
    placeholder.test(plain) ||
    new Set(plain).size < 5 ||
    isRepeated(plain) ||
    isSequence(plain) ||
    isCommonPassword(plain)
  );
}

function isRepeated(text: string): boolean {
  const unit = (text + text).indexOf(text, 1);
  return unit < text.length;
}

/** Most of its signs follow from the one before: equal, next in the alphabet, or next on the keyboard. */
function isSequence(text: string): boolean {
  let steps = 0;
  for (let index = 1; index < text.length; index += 1) {
    const [before, sign] = [text.charAt(index - 1), text.charAt(index)];
    const isNear = Math.abs(sign.charCodeAt(0) - before.charCodeAt(0)) <= 1;
    if (isNear || neighbours.has(before + sign) || neighbours.has(sign + before)) steps += 1;
  }
  return steps / (text.length - 1) > 0.7;
}
