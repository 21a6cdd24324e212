// How a command tells that it failed: whatever a person can mend in one sentence, and only a fault of ours with its stack.
import { inspect } from "node:util";
import { lostDatabase } from "#platform/database/connection.ts";
import { ConfigError } from "#platform/kit/config.ts";
import { AppError } from "#platform/kit/errors.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { StoppedError } from "#platform/kit/stopped.ts";
import type { Paint } from "./paint.ts";
import { UsageError } from "./usage-error.ts";

/** A command line that means nothing is 2, all other failures are 1; whoever was asked to end, and did, has not failed. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof StoppedError) return 0;
  return error instanceof UsageError ? 2 : 1;
}

/** What is written to stderr when a command fails. `isStopped`: somebody asked the program to end before it had done its work. */
export function failureText(error: unknown, isStopped: boolean, paint: Paint): string {
  const plain = plainSentence(error, isStopped);
  if (plain === undefined) return inspect(error);
  const help =
    error instanceof UsageError ? "\n`stoa help` and `stoa <command> --help` say what there is." : "";
  return `\n${paint("red", plain)}${help}\n`;
}

/** What a person needs to know, or undefined when only the stack can tell. */
function plainSentence(error: unknown, isStopped: boolean): string | undefined {
  if (error instanceof StartError || error instanceof ConfigError) return error.message;
  if (isStopped) return "Stopped before it was done.";
  if (error instanceof AppError && error.kind !== "internal") return sentenceOfRefusal(error);
  return lostDatabase(error) ?? sentenceOfFile(error);
}

function sentenceOfRefusal(error: AppError): string {
  const why = error.reason === "DATABASE_UNAVAILABLE" ? lostDatabase(error.cause) : undefined;
  if (why !== undefined) return why;
  const [, ...more] = error.violations;
  return [error.publicMessage, ...more.map(({ path, message }) => `${path}: ${message}`)].join("\n");
}

const fileFaults: { readonly [code: string]: string } = {
  ENOENT: "there is no such file or folder",
  EACCES: "this user may not open it",
  EPERM: "this user may not change it",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of that path is a file",
  EROFS: "it is on a read-only file system",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EMFILE: "too many files are open",
  ELOOP: "its links go round in circles",
  ENAMETOOLONG: "its name is too long",
};

function sentenceOfFile(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = "", path } = error as NodeJS.ErrnoException;
  const fault = fileFaults[code];
  return fault === undefined || path === undefined ? undefined : `${path} cannot be used: ${fault}.`;
}
