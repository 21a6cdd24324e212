import type { HttpRequest } from "./server.ts";

/** What streams say when the other end has gone, or was cut off because it was too slow. */
const codes: ReadonlySet<string> = new Set([
  "ABORT_ERR",
  "ECONNABORTED",
  "ECONNRESET",
  "EPIPE",
  "ERR_HTTP_REQUEST_TIMEOUT",
  "ERR_STREAM_DESTROYED",
  "ERR_STREAM_PREMATURE_CLOSE",
  "FST_ERR_CTP_INVALID_CONTENT_LENGTH",
]);

/**
 * Whether an error of a request says no more than that its client hung up, broke off its body or was too slow: nobody waits for an
 * answer, and nothing is wrong here. A fault of ours that comes up while a client leaves is none of these.
 */
export function isHangUp(error: unknown, { raw }: HttpRequest): boolean {
  const { code = "", name = "" } = error as { code?: string; name?: string };
  return (raw.destroyed || raw.socket.destroyed) && (codes.has(code) || name === "AbortError");
}
