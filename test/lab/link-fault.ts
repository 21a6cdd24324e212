// What can befall the link between two processes.

/** There: from the side that connects to the side that answers. */
export type Direction = "there" | "back";

export type LinkFault =
  | { readonly kind: "none" }
  /** Every byte comes late by `latencyMs` in each direction, and no more than `bytesPerSecond` of them. */
  | { readonly kind: "slow"; readonly latencyMs: number; readonly bytesPerSecond?: number }
  /** Nobody listens: connections are closed, and new ones refused. */
  | { readonly kind: "cut" }
  /** Connections are reset: those that are open at once, a new one after this many bytes of answers (300 when not said). */
  | { readonly kind: "reset"; readonly afterBytes?: number }
  /** Connections are taken, and nothing is said: what was sent meanwhile arrives when the fault ends. */
  | { readonly kind: "half-open" }
  /** Nonsense instead of what was sent, both ways; connections that had some are reset when the fault ends. */
  | { readonly kind: "garbage" }
  /** Half-open in one direction only. */
  | { readonly kind: "one-way"; readonly lost: Direction };

/** True when what goes in this direction is kept back. */
export function isHeld(fault: LinkFault, direction: Direction): boolean {
  return fault.kind === "half-open" || (fault.kind === "one-way" && fault.lost === direction);
}

/** How many bytes go back on a connection before it is reset; undefined when it is not. */
export function bytesBeforeReset(fault: LinkFault): number | undefined {
  return fault.kind === "reset" ? (fault.afterBytes ?? 300) : undefined;
}
