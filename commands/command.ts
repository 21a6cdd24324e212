import type { Environment } from "#platform/kit/config.ts";
import type { ShopFile } from "#platform/kit/shop-file.ts";
import type { Paint } from "./paint.ts";

/** What a command may touch of the process it runs in. */
export interface CommandContext {
  /** The words behind the command's name that are no options, as its declaration allows them. */
  readonly args: readonly string[];
  /** Options that were said: `true`, or their value. */
  readonly options: Options;
  /** What the shop is made of. */
  readonly shop: ShopFile;
  readonly environment: Environment;
  /** Aborts when the process is asked to end. */
  readonly stop: AbortSignal;
  /** One line of what was asked for. */
  readonly print: (line: string) => void;
  /** One line about what is being done: kept apart from the answer when a program reads that (`--json`). */
  readonly note: (line: string) => void;
  /** Colours, where the one who reads can see them. */
  readonly paint: Paint;
  /** Puts a question that is answered with yes or no; undefined where nobody can answer. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
}

export type Options = { readonly [name: string]: string | true | undefined };

export type Command = (context: CommandContext) => Promise<void>;

/** A word that stands behind the command. */
export interface ArgumentDeclaration {
  readonly name: string;
  readonly doc: string;
  readonly isOptional?: true;
  /** Which words there are. */
  readonly choices?: readonly string[];
  /** What completion offers besides. */
  readonly completes?: "file" | "folder" | "service" | "role";
}

export interface OptionDeclaration {
  readonly doc: string;
  /** What its value is called; without one it is a switch. */
  readonly value?: string;
  readonly choices?: readonly string[];
}

/** All that a command line may say for one command, and what people are told about it. */
export interface CommandDeclaration {
  /** One sentence without its full stop. */
  readonly doc: string;
  /** What more there is to know, as whole lines. */
  readonly more?: readonly string[];
  readonly arguments?: readonly ArgumentDeclaration[];
  readonly options?: { readonly [name: string]: OptionDeclaration };
  /** The words behind `stoa`, and what they do. */
  readonly examples: readonly (readonly [words: string, does: string])[];
  readonly load: () => Promise<Command>;
  /** Runs whatever the settings say: it reads none, or tells of all their faults itself. */
  readonly anySettings?: true;
}

/** Commands under one word. */
export interface CommandGroup {
  readonly doc: string;
  readonly commands: { readonly [name: string]: CommandDeclaration };
}

export type CommandTable = { readonly [name: string]: CommandDeclaration | CommandGroup };

/** What can be served beside one service alone. */
export const programRoles = ["all", "split", "backend", "audit"] as const;

/** The option that makes a command answer in JSON. */
export const json = { json: { doc: "Answers in JSON, for programs." } } as const;
