// Why a Redis did not do what it was asked, in few words that its users can decide by.

/**
 * - `away`: not reached, so nothing was sent; or a cluster without a master for the key.
 * - `unknown`: sent, but no answer came in time or the connection broke: it may have been done.
 * - `full`: it has no memory left, and refuses what would take more.
 * - `read-only`: a replica, or a server that cannot save.
 * - `loading`: it is reading its data after a start.
 * - `denied`: name, password or rights are wrong.
 * - `refused`: anything else it said: a mistake of ours.
 */
export type RedisTrouble = "away" | "unknown" | "full" | "read-only" | "loading" | "denied" | "refused";

/** Thrown by everything that asks a Redis. The cause is for the log; it names hosts, and no password. */
export class RedisFault extends Error {
  override readonly name = "RedisFault";
  readonly trouble: RedisTrouble;

  constructor(trouble: RedisTrouble, cause?: unknown) {
    super(`Redis: ${sentences[trouble]}`, cause === undefined ? undefined : { cause });
    this.trouble = trouble;
  }
}

const sentences: Readonly<Record<RedisTrouble, string>> = {
  away: "it cannot be reached.",
  unknown: "no answer came in time; whether the work was done is unknown.",
  full: "it has no memory left (maxmemory).",
  "read-only": "it takes no changes: it is a replica, or cannot save its data.",
  loading: "it is still reading its data.",
  denied: "the name, the password or the rights are not accepted.",
  refused: "it refused what it was asked.",
};

const replies: readonly [RegExp, RedisTrouble][] = [
  [/^-?OOM\b/, "full"],
  [/^-?(READONLY|MISCONF)\b/, "read-only"],
  [/^-?LOADING\b/, "loading"],
  [/^-?(NOAUTH|WRONGPASS|NOPERM)\b/, "denied"],
  [/^-?(CLUSTERDOWN|MASTERDOWN|TRYAGAIN|NOREPLICAS|BUSY)\b/, "away"],
];

/** What the client threw, as one of ours. Errors of a script carry the reply that ended it within their text. */
export function redisFault(error: unknown): RedisFault {
  if (error instanceof RedisFault) return error;
  if (!(error instanceof Error)) return new RedisFault("refused", error);
  const message = error.message.replace(/^ERR (Error running script|user_script)[^@]*?: ?/, "");
  const said = replies.find(([pattern]) => pattern.test(message) || pattern.test(error.message));
  if (said) return new RedisFault(said[1], error);
  // A command that was sent and not answered; before it was sent, the client says that it is offline.
  if (
    error.constructor.name === "SocketClosedUnexpectedlyError" ||
    error.constructor.name === "SocketTimeoutError"
  )
    return new RedisFault("unknown", error);
  return new RedisFault(isReply(error) ? "refused" : "away", error);
}

function isReply(error: Error): boolean {
  return /^(Simple|Blob|Multi)?Error(Reply)?$/.test(error.constructor.name) && error.constructor !== Error;
}
