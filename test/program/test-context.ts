import type { Asked } from "../../commands/command-line.ts";
import type { CommandContext } from "../../commands/command.ts";
import { paintFor } from "../../commands/paint.ts";
import { shop } from "../../shop.ts";

/** What a command gets when nobody sits at the terminal; all that it says goes to `print`. */
export function testContext(
  { args, options }: Extract<Asked, { kind: "run" }>,
  print: (line: string) => void,
): CommandContext {
  const paint = paintFor({}, {});
  const stop = new AbortController().signal;
  return { args, options, shop, environment: {}, stop, print, note: print, paint, ask: undefined };
}
