// Probes that know no other path than that of the first page: they are answered without making it.
import type { IncomingMessage, ServerResponse } from "node:http";

/** What clusters and load balancers call themselves when they look whether a process is alive. */
const probes = /^(?:kube-probe|ELB-HealthChecker|GoogleHC)\//;

/** Whether this asks for nothing but a sign of life, at the page where such questions come. */
export function isProbe(
  { method, url, headers }: Pick<IncomingMessage, "method" | "url" | "headers">,
  probedAt: string | undefined,
): boolean {
  return (
    probedAt !== undefined && url === probedAt && method === "GET" && probes.test(headers["user-agent"] ?? "")
  );
}

/** Asks nobody and counts as no work: 200 while the process takes visitors, 503 before its first page and while it drains. */
export function answerProbe(response: ServerResponse, isOpen: boolean): void {
  const text = isOpen ? "ok\n" : "not open\n";
  response.writeHead(isOpen ? 200 : 503, {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...(isOpen ? {} : { connection: "close", "retry-after": "1" }),
  });
  response.end(text);
}
