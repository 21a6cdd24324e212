import type { CreateGuestRequest } from "#gen/stoa/user/v1/user_pb.js";
import { requireService } from "#platform/auth/guards.ts";
import { invalid } from "#platform/kit/errors.ts";
import { guestIdOfSession } from "#platform/auth/guest.ts";
import { newRandomId } from "#platform/kit/ids.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { UserContext } from "../context.ts";
import { guestOf } from "../joined-guest.ts";
import { guestSession } from "../sessions.ts";

const sessionKeyBytesMax = 128;

// public: a visitor needs no account to fill a cart
export async function createGuest(ctx: UserContext, request: CreateGuestRequest, call: Call) {
  const userId = guestId(request.sessionKey, call);
  return await Promise.resolve({ userId, session: guestSession(ctx, userId) });
}

function guestId(sessionKey: string, call: Call): string {
  if (sessionKey === "") return guestOf(call) ?? newRandomId();
  // Whoever may choose the key can become any guest whose key is known.
  requireService(call);
  if (Buffer.byteLength(sessionKey) > sessionKeyBytesMax)
    throw invalid([{ path: "sessionKey", message: `must have at most ${sessionKeyBytesMax} bytes` }]);
  return guestIdOfSession(sessionKey);
}
