import { endpoint } from "../endpoint.ts";
import { categoryJson, listJson, present } from "../present.ts";
import { Category, CategoryChange, CategoryList, CategoryWrite } from "../schemas/category.ts";
import { ref } from "../schemas/shapes.ts";

const tag = "Categories";

const listCategories = endpoint({
  id: "listCategories",
  method: "GET",
  path: "/api/categories",
  journey: "browse",
  tag,
  summary: "Show the category tree with product counts",
  access: "anyone",
  machine: "products",
  status: 200,
  answer: CategoryList,
  run: async (ctx, { serviceCall }) => {
    const { categories } = await ctx.goods.categories(serviceCall);
    return listJson(categories.map(categoryJson));
  },
});

const getCategory = endpoint({
  id: "getCategory",
  method: "GET",
  path: "/api/categories/:id",
  journey: "browse",
  tag,
  summary: "Show a category and those below it",
  description: "By id or slug.",
  access: "anyone",
  machine: "products",
  status: 200,
  answer: Category,
  refusals: { 404: ["CATEGORY_NOT_FOUND"] },
  run: async (ctx, { param, serviceCall }) => {
    const { category } = await ctx.goods.category(param("id"), serviceCall);
    return categoryJson(present(category));
  },
});

const taken = ["CATEGORY_SLUG_TAKEN", "CATEGORY_NAME_TAKEN"];

const createCategory = endpoint({
  id: "createCategory",
  method: "POST",
  path: "/api/categories",
  journey: "admin",
  tag,
  summary: "Create a category",
  description: "The slug is made from the name when absent.",
  access: "admin",
  machine: "products",
  body: ref(CategoryWrite),
  isKeyed: true,
  status: 201,
  answer: Category,
  refusals: { 409: taken },
  run: async (ctx, { body: { parentId, ...rest }, idempotencyKey, call }) => {
    const request = { ...rest, parentId: parentId ?? "", idempotencyKey };
    const { category } = await ctx.clients.catalog.createCategory(request, call);
    return categoryJson(present(category));
  },
});

const updateCategory = endpoint({
  id: "updateCategory",
  method: "PATCH",
  path: "/api/categories/:id",
  journey: "admin",
  tag,
  summary: "Rename, move or sort a category",
  description: "Changes what it names and nothing else. By id or slug.",
  access: "admin",
  machine: "products",
  body: ref(CategoryChange),
  isMergePatch: true,
  status: 200,
  answer: Category,
  refusals: { 404: ["CATEGORY_NOT_FOUND"], 409: [...taken, "CATEGORY_CYCLE"] },
  run: async (ctx, { param, body: { parentId, ...rest }, call }) => {
    const moved = parentId === undefined ? {} : { parentId: parentId ?? "" };
    const { category } = await ctx.clients.catalog.updateCategory(
      { ...rest, ...moved, id: param("id") },
      call,
    );
    return categoryJson(present(category));
  },
});

const deleteCategory = endpoint({
  id: "deleteCategory",
  method: "DELETE",
  path: "/api/categories/:id",
  journey: "admin",
  tag,
  summary: "Take a category away",
  description:
    "Its products and the categories below it move up to the one above; products that would be in none are in `uncategorized` then.",
  access: "admin",
  machine: "products",
  status: 204,
  isSlow: true,
  refusals: { 404: ["CATEGORY_NOT_FOUND"], 409: ["CATEGORY_IN_USE"] },
  run: async (ctx, { param, call }) => {
    await ctx.clients.catalog.deleteCategory({ id: param("id") }, call);
  },
});

export const categoryEndpoints = [
  listCategories,
  getCategory,
  createCategory,
  updateCategory,
  deleteCategory,
];
