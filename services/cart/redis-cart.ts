// What stands under the key of a cart, and what the script answers.
import type { CartItem, StoredCart } from "./cart.ts";

/** Items that one cart offers to another. */
export interface Transfer {
  readonly id: string;
  readonly to: string;
  readonly items: readonly CartItem[];
}

export interface RedisCart extends StoredCart {
  readonly consumed: readonly string[];
  readonly isMoved: boolean;
  readonly out: Transfer | undefined;
}

export interface Answer {
  readonly outcome: string;
  readonly cart: RedisCart;
  /** What the outcome speaks of, as JSON. */
  readonly more: string;
  /** The offer that stands in the way, where the outcome is "pending". */
  readonly offer: Transfer;
  /** Items before and after. */
  readonly held: number;
  readonly holds: number;
}

interface Written {
  readonly userId: string;
  readonly version: number;
  readonly items: readonly CartItem[];
  readonly expiresAtMs?: number;
  readonly moved?: boolean;
  readonly out?: Transfer;
  readonly consumed?: readonly string[];
}

/** Throws when what stands there is somebody else's: better no cart than another person's. */
export function parseCart(text: string, userId: string): RedisCart {
  const written = JSON.parse(text) as Written;
  if (written.userId !== userId) throw foreignCart(userId);
  const { version, items, expiresAtMs, moved = false, out, consumed = [] } = written;
  const expiresAt = expiresAtMs === undefined ? null : new Date(expiresAtMs);
  return { version: BigInt(version), expiresAt, items, consumed, isMoved: moved, out };
}

export function parseAnswer(reply: unknown, userId: string): Answer {
  const [outcome, text, more, held, holds] = reply as [string, string | null, string, number, number];
  if (outcome === "foreign") throw foreignCart(userId);
  const nothing = { version: 0n, expiresAt: null, items: [], consumed: [], isMoved: false, out: undefined };
  const cart = text ? parseCart(text, userId) : nothing;
  const offer = outcome === "pending" ? (JSON.parse(more) as Transfer) : { id: "", to: "", items: [] };
  return { outcome, cart, more, offer, held, holds };
}

function foreignCart(userId: string): Error {
  return new Error(`What stands under the key of the cart of ${userId} is not theirs; nobody is shown it.`);
}
