// A process that tells of itself: told-process.ts <service> <port> <service key>. Each message makes one span, one line and one call.
import { TokenVerifier } from "#platform/auth/token.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { OwnProcess } from "#platform/operations/own-process.ts";
import { noteAnswer, noteCall } from "#platform/operations/traffic.ts";
import { openGrpcServer } from "#platform/rpc/grpc-server.ts";
import { createLogger, silentLog } from "#platform/telemetry/log.ts";
import { startSpan, traceFrom } from "#platform/telemetry/trace.ts";

const [service = "", port = "", serviceKey = ""] = process.argv.slice(2);
const clock = systemClock;
const refuse = () => Promise.reject(new Error("Nobody has a token here."));
const log = createLogger({ level: "info", format: "json" }, () => undefined);
const own = new OwnProcess({
  services: [{ name: service }],
  clock,
  log: silentLog,
  shop: { serviceKey, currency: "USD" },
  verifier: () => new TokenVerifier(clock, refuse),
  health: () => Promise.resolve([{ service, status: "up", lacks: [], lookedAtMs: 0, breaker: "closed" }]),
  neighbours: () => [{ caller: service, neighbour: "catalog", state: "closed", sinceMs: 0 }],
  operations: () => {
    throw new Error("It has no database.");
  },
});
const grpc = await openGrpcServer({
  host: "127.0.0.1",
  port: Number(port),
  services: [own.peer],
  serviceKey,
  clock,
});
process.on("message", ({ traceparent, failed }: { traceparent: string; failed: boolean }) => {
  const span = startSpan(service, `${service} works`, "server", traceFrom(traceparent));
  span.end({ failed });
  noteAnswer(service, "test.v1.WorkService/Work", 40, failed);
  noteCall(service, "catalog", 12, failed);
  log.info({ service, traceId: span.trace.traceId }, `${service} has worked.`);
  process.send?.({ spanId: span.trace.spanId });
});
process.on("disconnect", () => process.exit());
process.send?.({ port: grpc.port });
