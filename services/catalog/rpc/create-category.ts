import { CreateCategoryResponseSchema, type CreateCategoryRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { requireAdmin } from "#platform/auth/guards.ts";
import { answerOnce, keyedRequest } from "#platform/database/kept-answers.ts";
import type { Call } from "#platform/rpc/contract.ts";
import { parseCategory } from "../category-draft.ts";
import { findNode, readTree } from "../category-tree.ts";
import type { CatalogContext } from "../context.ts";
import { refusal } from "../errors.ts";
import { createCategory as create } from "../write-category.ts";

export async function createCategory(ctx: CatalogContext, request: CreateCategoryRequest, call: Call) {
  requireAdmin(call);
  const { name, slug, parentId, position, description, idempotencyKey } = request;
  const meaning = { name, slug, parentId, position, description };
  return await answerOnce(ctx.db, keyedRequest(call, idempotencyKey, "create-category.1", meaning), {
    answer: CreateCategoryResponseSchema,
    effect: async (within) => {
      const draft = parseCategory({ ...meaning, slug: slug === "" ? undefined : slug });
      return await create(within, draft, call);
    },
    reply: async (id) => {
      ctx.recent.forget();
      const category = findNode(await readTree(ctx), id);
      if (!category) throw refusal("CATEGORY_NOT_FOUND");
      return { category };
    },
  });
}
