import { StoreFileResponseSchema, type StoreFileRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { recordActivity } from "#platform/activity/activity.ts";
import { requireAdmin } from "#platform/auth/guards.ts";
import { answerOnce, keyedRequest } from "#platform/database/kept-answers.ts";
import type { Call } from "#platform/rpc/contract.ts";
import type { CatalogContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { parsePicture } from "../file.ts";

export async function storeFile(ctx: CatalogContext, request: StoreFileRequest, call: Call) {
  requireAdmin(call);
  const { content, mediaType, idempotencyKey } = request;
  const file = parsePicture(content, mediaType);
  const { name } = file;
  return await answerOnce(ctx.db, keyedRequest(call, idempotencyKey, "store-file.1", { name }), {
    answer: StoreFileResponseSchema,
    effect: async (within) => {
      // Before the transaction, because whoever keeps files may be far away; the name makes every repeat harmless.
      await ctx.files.put(file).catch((error: unknown) => {
        ctx.log.error({ err: error, file: name }, "A file could not be kept.");
        throw refusal("FILES_UNAVAILABLE", { cause: error });
      });
      return await within.inTransaction(async (tx) => {
        const after = { mediaType, size: content.length };
        await recordActivity(tx, { action: "file.store", subject: { kind: "file", id: name }, after, call });
        return name;
      });
    },
    reply: () => Promise.resolve({ file: { name, mediaType, size: BigInt(content.length) } }),
  });
}
