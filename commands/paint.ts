import { styleText } from "node:util";
import type { Environment } from "#platform/kit/config.ts";

export type PaintStyle = "bold" | "dim" | "red" | "green" | "yellow" | "blue" | "magenta" | "cyan";

export type Paint = (style: PaintStyle, text: string) => string;

/** Colours for a terminal. `NO_COLOR` (of any value) turns them off everywhere, `FORCE_COLOR` on where no terminal is; 0 and false turn it off. */
export function paintFor(stream: { readonly isTTY?: boolean }, environment: Environment): Paint {
  return hasColours(stream, environment)
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_style, text) => text;
}

function hasColours({ isTTY = false }: { readonly isTTY?: boolean }, environment: Environment): boolean {
  if (environment["NO_COLOR"]) return false;
  const forced = environment["FORCE_COLOR"];
  if (forced !== undefined) return !/^(0|false)$/i.test(forced);
  return isTTY && environment["TERM"] !== "dumb";
}
