// What the things in carts are called and cost: as the catalogue says it now, or as it last said it to this process.
import type { CatalogService, GetVariantsResponse, VariantItem } from "#gen/stoa/catalog/v1/catalog_pb.js";
import type { Clock } from "#platform/kit/clock.ts";
import { KeptValues, LastKnown, type Kept } from "#platform/kit/last-known.ts";
import type { Client, Call } from "#platform/rpc/contract.ts";
import type { CartItem, KnownVariant } from "./cart.ts";

type Ref = Pick<CartItem, "productId" | "variantId">;

/** Some hundred bytes each. */
const variantsMax = 5_000;
const ageMsMax = 7 * 24 * 3_600_000;
const patience = { patienceMs: 300, lateMs: 2_000 };

export interface ShownVariants {
  readonly variants: readonly KnownVariant[];
  /** How long ago the catalogue said so, when it says nothing now. */
  readonly ageMs?: number;
}

export class Variants {
  readonly #catalog: Client<typeof CatalogService>;
  readonly #clock: Clock;
  readonly #kept: KeptValues<KnownVariant>;
  readonly #last: LastKnown;

  constructor(catalog: Client<typeof CatalogService>, clock: Clock) {
    this.#catalog = catalog;
    this.#clock = clock;
    this.#kept = new KeptValues({ clock, weightMax: variantsMax, ageMsMax });
    this.#last = new LastKnown(clock, patience);
  }

  /** What is on sale of what is asked for, now: nothing goes into a cart on the word of a memory. */
  async listOnSale(refs: readonly Ref[], call: Call): Promise<KnownVariant[]> {
    const variants = await this.#ask(refs, false, call);
    this.#keep(variants);
    return variants;
  }

  /** For looking at; also what is gone. Rejects when the catalogue does not answer and one of them was never heard of here. */
  async listForShow(refs: readonly Ref[], call: Call): Promise<ShownVariants> {
    const { value, ageMs } = await this.#last.ask<KnownVariant[]>({
      ask: async () => await this.#ask(refs, true, call),
      known: () => this.#known(refs),
      keep: (variants) => this.#keep(variants),
    });
    return ageMs === undefined ? { variants: value } : { variants: value, ageMs };
  }

  async #ask(refs: readonly Ref[], withGone: boolean, call: Call): Promise<KnownVariant[]> {
    const wanted = refs.map(({ productId, variantId }) => ({ productId, variantId }));
    const { items }: GetVariantsResponse = await this.#catalog.getVariants(
      { refs: wanted, withGone },
      call.onward,
    );
    return items.flatMap((item) => knownVariant(item) ?? []);
  }

  #keep(variants: readonly KnownVariant[]): void {
    for (const variant of variants) this.#kept.set(variant.variantId, variant);
  }

  /** All of them or none; as old as the oldest. */
  #known(refs: readonly Ref[]): Kept<KnownVariant[]> | undefined {
    const found = refs.map(({ variantId }) => this.#kept.find(variantId));
    if (found.some((kept) => kept === undefined)) return undefined;
    const kept = found.filter((one) => one !== undefined);
    const atMs = Math.min(this.#clock.monotonicMs(), ...kept.map((one) => one.atMs));
    return { value: kept.map(({ value }) => value), atMs };
  }
}

function knownVariant(item: VariantItem): KnownVariant | undefined {
  const { productId, productCode, productSlug, name, imageUrl, categories, variant, isGone } = item;
  if (!variant?.price) return undefined;
  const { id: variantId, price, stockQuantity } = variant;
  const named = { productId, productCode, productSlug, name, imageUrl, categories, variantId };
  return { ...named, price, stockQuantity, isGone };
}
