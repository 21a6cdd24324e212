// Whether a password is one that guessers try first, also in the disguises that people give it.
import { readFileSync } from "node:fs";

const wordMin = 3;

/** So much beside a word of this length is a secret of its own; beside a long one nothing is. */
const besideMax = (length: number) => (length >= 8 ? Infinity : length >= 6 ? 12 : 8);

/** True for the commonest passwords, and for them behind look-alike signs, digits, other letters or a repetition. */
export function isCommonPassword(text: string): boolean {
  const plain = plainOf(text);
  if (new Set(plain).size <= 1) return true;
  return shapesOf(plain).some(
    (shape) =>
      commonPasswords().includes(`\n${shape}\n`) || sequences.some((sequence) => sequence.includes(shape)),
  );
}

/** True when the password is one of `words` in any of these disguises. Words of one or two letters say nothing. */
export function isDisguised(text: string, words: readonly string[]): boolean {
  const wanted = new Set(
    words.map((word) => lettersOf(plainOf(word))).filter((word) => word.length >= wordMin),
  );
  if (wanted.size === 0) return false;
  return shapesOf(plainOf(text)).some((shape) => wanted.has(lettersOf(shape)));
}

let common: string | undefined;

/** One to a line. A set of them takes three megabytes, in every process that looks once whether its secrets are common. */
function commonPasswords(): string {
  const read = () => readFileSync(new URL("./first-guesses.txt", import.meta.url), "utf8");
  return (common ??= `\n${read().replaceAll(/^# .*\n/gm, "")}\n`);
}

function plainOf(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

function lettersOf(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}]/gu, "");
}

/** What the password may stand for, itself first. */
function shapesOf(plain: string): string[] {
  const whole = [plain, lettersOf(plain)];
  const units = whole.flatMap((text) => [text, unitOf(text)]);
  const cores = [...new Set(units)].flatMap(coresOf);
  return [...new Set(cores.flatMap((core) => [core, ...readings(core)]))].filter((shape) => shape !== "");
}

/** What a text repeats; itself when it repeats nothing. */
function unitOf(text: string): string {
  const length = (text + text).indexOf(text, 1);
  return length > 0 ? text.slice(0, length) : text;
}

/** The text without what people put around a word: digits and signs, each of which may also be a letter in disguise. */
function coresOf(text: string): string[] {
  const digits = /^\p{L}{1,2}(\d{6,})$|^(\d{6,})\p{L}{1,2}$/u.exec(text);
  if (digits) return [text, digits[1] ?? digits[2] ?? ""];
  if (!/\p{L}/u.test(text)) return [text];
  const head = /^[^\p{L}]*/u.exec(text)?.[0].length ?? 0;
  const tail = /[^\p{L}]*$/u.exec(text)?.[0].length ?? 0;
  const cores: string[] = [];
  for (const start of new Set([0, Math.max(0, head - 1), head])) {
    for (const cut of new Set([0, 1, 2, 3, 4, tail - 1, tail])) {
      if (cut < 0 || cut > tail) continue;
      const core = text.slice(start, text.length - cut);
      if (core.length >= wordMin && start + cut <= besideMax(core.length)) cores.push(core);
    }
  }
  return cores;
}

const letters: Readonly<Record<string, string>> = {
  "0": "o",
  "@": "a",
  "4": "a",
  $: "s",
  "5": "s",
  "3": "e",
  "€": "e",
  "7": "t",
  "+": "t",
  "8": "b",
  "6": "g",
  "9": "g",
  "2": "z",
  "(": "c",
  "!": "i",
  "|": "l",
};

/** The text with look-alike signs read as letters; a one may be an i or an l. */
function readings(text: string): string[] {
  if (!/[^\p{L}]/u.test(text)) return [];
  return ["i", "l"].map((one) =>
    Array.from(text, (sign) => (sign === "1" ? one : (letters[sign] ?? sign))).join(""),
  );
}

const rows = [
  "01234567890123456789",
  "abcdefghijklmnopqrstuvwxyz",
  "qwertyuiop",
  "asdfghjkl",
  "zxcvbnm",
  "qwertzuiop",
  "azertyuiop",
];
const sequences = rows.flatMap((row) => [row, Array.from(row).reverse().join("")]);
