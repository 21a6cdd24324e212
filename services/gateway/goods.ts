// What is sold, as the catalogue says it now; or, marked, as it said it in the last five minutes when it does not answer.
import type {
  GetCategoryResponse,
  GetProductResponse,
  ListCategoriesResponse,
  ListProductsRequest,
  ListProductsResponse,
} from "#gen/stoa/catalog/v1/catalog_pb.js";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ListProductsRequestSchema, CatalogService } from "#gen/stoa/catalog/v1/catalog_pb.js";
import type { Clock } from "#platform/kit/clock.ts";
import { isKind } from "#platform/kit/errors.ts";
import { KeptValues, LastKnown } from "#platform/kit/last-known.ts";
import type { Client } from "#platform/rpc/contract.ts";
import type { MarkedCall } from "./marks.ts";

const ageMsMax = 300_000;
/** In products, each of some kilobytes: a few megabytes. */
const productsMax = 1_500;
const patience = { patienceMs: 300, lateMs: 2_000 };

type Answer = ListProductsResponse | GetProductResponse | ListCategoriesResponse | GetCategoryResponse;

export class Goods {
  readonly #catalog: Client<typeof CatalogService>;
  readonly #kept: KeptValues<Answer>;
  readonly #last: LastKnown;

  constructor(catalog: Client<typeof CatalogService>, clock: Clock) {
    this.#catalog = catalog;
    this.#kept = new KeptValues({ clock, weightMax: productsMax, ageMsMax });
    this.#last = new LastKnown(clock, patience);
  }

  async list(
    request: MessageInitShape<typeof ListProductsRequestSchema>,
    call: MarkedCall,
  ): Promise<ListProductsResponse> {
    const ask = async () => await this.#catalog.listProducts(request, call);
    return await this.#asked(keyOf("list", request as ListProductsRequest), ask, call);
  }

  async product(id: string, call: MarkedCall): Promise<GetProductResponse> {
    return await this.#asked(keyOf("product", id), () => this.#catalog.getProduct({ id }, call), call);
  }

  async categories(call: MarkedCall): Promise<ListCategoriesResponse> {
    return await this.#asked("categories", () => this.#catalog.listCategories({}, call), call);
  }

  async category(id: string, call: MarkedCall): Promise<GetCategoryResponse> {
    return await this.#asked(keyOf("category", id), () => this.#catalog.getCategory({ id }, call), call);
  }

  /** Something was changed over this gateway: what was seen before stands in for a catalogue that is gone, not for one that is slow. */
  noteChange(): void {
    this.#kept.noteChange();
  }

  async #asked<A extends Answer>(key: string, ask: () => Promise<A>, { marks }: MarkedCall): Promise<A> {
    const find = (why: "late" | "failed") =>
      why === "late" ? this.#kept.findUnchanged(key) : this.#kept.find(key);
    try {
      const { value, ageMs } = await this.#last.ask<Answer>({
        ask,
        known: find,
        keep: (answer) => this.#kept.set(key, answer, weightOf(answer)),
      });
      if (ageMs !== undefined) marks.add("catalog", ageMs);
      return value as A;
    } catch (error) {
      if (isKind(error, "not_found")) this.#kept.delete(key);
      throw error;
    }
  }
}

function weightOf(answer: Answer): number {
  return "products" in answer ? 1 + answer.products.length : 1;
}

function keyOf(what: string, asked: unknown): string {
  return `${what} ${JSON.stringify(asked, (_name, value: unknown) => (typeof value === "bigint" ? String(value) : value))}`;
}
