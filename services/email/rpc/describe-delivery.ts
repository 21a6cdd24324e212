import type { EmailContext } from "../context.ts";

// public: it says nothing about anybody
export async function describeDelivery(ctx: EmailContext) {
  return await Promise.resolve({ isSent: ctx.sender !== undefined });
}
