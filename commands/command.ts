import type { Environment } from "#platform/kit/config.ts";
import type { ShopFile } from "#platform/kit/shop-file.ts";

/** What a command may touch of the process it runs in. */
export interface CommandContext {
  readonly args: readonly string[];
  /** What the shop is made of. */
  readonly shop: ShopFile;
  readonly environment: Environment;
  /** Aborts when the process is asked to end. */
  readonly stop: AbortSignal;
  /** One line for the person at the terminal. */
  readonly print: (line: string) => void;
}
