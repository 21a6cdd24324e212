// The catalogue around this service, as its contract promises it; it counts its calls and can change what is on sale.
import { CatalogService, type VariantRef } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { appError } from "#platform/kit/errors.ts";
import { newId } from "#platform/kit/ids.ts";
import { money, type Money } from "#platform/kit/money.ts";
import { bindRpcs } from "#platform/rpc/contract.ts";
import { defineService, type AnyService } from "#platform/kit/service.ts";

export interface ProductOnSale {
  readonly id: string;
  readonly code: string;
  readonly slug: string;
  name: string;
  price: Money;
  stockQuantity: bigint;
  /** Deleted: known to those who ask for what is gone. */
  isGone: boolean;
  /** The first one's id is the product's. */
  readonly variantIds: readonly string[];
}

export class StandInCatalogue {
  readonly products = new Map<string, ProductOnSale>();
  calls = 0;

  add(code: string, name: string, minor: bigint, variants = 1): ProductOnSale {
    const id = newId();
    const others = Array.from({ length: variants - 1 }, () => newId());
    const slug = name.toLowerCase().replaceAll(" ", "-");
    const price = money("USD", minor);
    const variantIds = [id, ...others];
    const product = { id, code, slug, name, price, stockQuantity: 1000n, isGone: false, variantIds };
    this.products.set(code, product);
    return product;
  }

  get(code: string): ProductOnSale {
    const product = this.products.get(code);
    if (!product) throw new Error(`${code} is not on sale.`);
    return product;
  }

  item(ref: VariantRef, withGone: boolean) {
    const named = ({ id, code, slug }: ProductOnSale) => [id, code, slug].includes(ref.productId);
    const product = [...this.products.values()].find(named);
    const variantId = product?.variantIds.find((id) => id === (ref.variantId || product.variantIds[0]));
    if (!product || !variantId || (product.isGone && !withGone)) return [];
    const { id, code, slug, name, price, isGone } = product;
    const variant = { id: variantId, price, stockQuantity: isGone ? 0n : product.stockQuantity };
    const names = { productId: id, productCode: code, productSlug: slug, name, categories: ["demo"] };
    return [{ ref, ...names, variant, isGone }];
  }

  asService(): AnyService {
    const rpc = {
      getVariants: (_: unknown, { refs, withGone }: { refs: VariantRef[]; withGone: boolean }) => {
        this.calls += 1;
        if (refs.length > 100) return Promise.reject(appError("invalid", "VALIDATION_FAILED"));
        return Promise.resolve({ items: refs.flatMap((ref) => this.item(ref, withGone)) });
      },
    };
    const create = () => ({ rpc: [bindRpcs(CatalogService, undefined, rpc as never)] });
    return defineService({ name: "catalog", config: {}, needs: {}, create });
  }
}
