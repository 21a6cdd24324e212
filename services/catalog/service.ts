import * as hipstershop from "#gen/hipstershop/demo_pb.js";
import { CatalogService } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { forgetKeptAnswersJob } from "#platform/database/kept-answers.ts";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { defineService } from "#platform/kit/service.ts";
import { CatalogConfig } from "./config.ts";
import { openCatalogContext } from "./context.ts";
import { seedDemo } from "./demo-seed.ts";
import { hipsterCatalog } from "./hipstershop.ts";
import { expireReservationsJob } from "./jobs/expire-reservations.ts";
import { forgetReservationsJob } from "./jobs/forget-reservations.ts";
import { forgetWordsJob } from "./jobs/forget-words.ts";
import { topUpDemoJob } from "./jobs/top-up-demo.ts";
import { filesPort, searchPort } from "./provider.ts";
import { adjustStock } from "./rpc/adjust-stock.ts";
import { commitReservation } from "./rpc/commit-reservation.ts";
import { createCategory } from "./rpc/create-category.ts";
import { deleteCategory } from "./rpc/delete-category.ts";
import { getCategory } from "./rpc/get-category.ts";
import { updateCategory } from "./rpc/update-category.ts";
import { createProduct } from "./rpc/create-product.ts";
import { deleteProduct } from "./rpc/delete-product.ts";
import { getFile } from "./rpc/get-file.ts";
import { getProduct } from "./rpc/get-product.ts";
import { getVariants } from "./rpc/get-variants.ts";
import { listCategories } from "./rpc/list-categories.ts";
import { listProducts } from "./rpc/list-products.ts";
import { rebuildSearch } from "./rpc/rebuild-search.ts";
import { releaseReservation } from "./rpc/release-reservation.ts";
import { replaceProduct } from "./rpc/replace-product.ts";
import { reserveStock } from "./rpc/reserve-stock.ts";
import { storeFile } from "./rpc/store-file.ts";
import { indexProductsTask } from "./tasks/index-products.ts";

export const catalog = defineService({
  name: "catalog",
  config: CatalogConfig,
  database: "products_db",
  migrations: new URL("./migrations/", import.meta.url),
  readsReplica: true,
  grpcPort: 3550,
  contracts: [CatalogService, hipstershop.ProductCatalogService],
  needs: {},
  machines: {
    products: [
      "ListProducts",
      "GetProduct",
      "CreateProduct",
      "ReplaceProduct",
      "DeleteProduct",
      "AdjustStock",
      "ListCategories",
      "GetCategory",
      "CreateCategory",
      "UpdateCategory",
      "DeleteCategory",
      "StoreFile",
      "GetFile",
    ],
  },
  ports: [
    {
      port: filesPort,
      setting: "FILES_PROVIDER",
      doc: "Who keeps uploaded files: folder (a folder of this machine, FILES_FOLDER) or database (the catalogue's own, for any number of replicas). Absent means folder in the shop in one program, else database.",
      default: "folder",
      defaultOutsideEmbedded: "database",
      own: {
        folder: async () => (await import("./folder-files.ts")).folderFiles,
        database: async () => (await import("./database-files.ts")).databaseFiles,
      },
    },
    {
      port: searchPort,
      setting: "CATALOG_SEARCH",
      doc: "Who finds products by words: postgres (the catalogue in its own database). After a change, say `stoa search rebuild`.",
      default: "postgres",
      own: { postgres: async () => (await import("./house-search.ts")).houseSearch },
    },
  ],
  create: async (kit) => {
    const ctx = await openCatalogContext(kit);
    const rpcs = bindRpcs(CatalogService, ctx, {
      listProducts,
      getProduct,
      getVariants,
      listCategories,
      getCategory,
      createCategory,
      updateCategory,
      deleteCategory,
      createProduct,
      replaceProduct,
      deleteProduct,
      adjustStock,
      reserveStock,
      commitReservation,
      releaseReservation,
      rebuildSearch,
      storeFile,
      getFile,
    });
    const demoJobs = ctx.isDemo ? [topUpDemoJob(ctx)] : [];
    return {
      rpc: [rpcs, hipsterCatalog(ctx)],
      jobs: [
        expireReservationsJob(ctx),
        forgetReservationsJob(ctx),
        forgetKeptAnswersJob(ctx.db),
        forgetWordsJob(ctx),
        ...demoJobs,
      ],
      tasks: [indexProductsTask(ctx)],
      seed: () => seedDemo(ctx),
    };
  },
});
