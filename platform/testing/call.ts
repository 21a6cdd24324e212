// A call as handlers see it, for tests that call them directly.
import { anonymous, type Actor, type Role } from "#platform/auth/actor.ts";
import { systemClock } from "#platform/kit/clock.ts";
import { newId } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { Scope } from "#platform/rpc/scope.ts";
import { silentLog } from "#platform/telemetry/log.ts";
import { traceFrom } from "#platform/telemetry/trace.ts";

/** A call as a handler sees it, for tests that call handlers directly. */
export function testCall(
  who: { service?: string; userId?: string; role?: Role; clientAddress?: string } = {},
): Call {
  // A test file may share one call for as long as it runs, on a machine that is busy.
  const scope = new Scope(systemClock, 600_000);
  const trace = traceFrom(undefined);
  const requestId = newId();
  return {
    actor: testActor(who),
    service: who.service,
    requestId,
    trace,
    clientAddress: who.clientAddress,
    scope,
    log: silentLog,
    onward: { requestId, trace, scope },
  };
}

function testActor({ userId, role = "customer" }: { userId?: string; role?: Role }): Actor {
  if (userId === undefined) return anonymous;
  const issuedAtMs = systemClock.now().getTime();
  const token = { id: newId(), userId, role, issuedAtMs, expiresAtMs: issuedAtMs + 3_600_000 };
  return { kind: "user", userId, role, token };
}
