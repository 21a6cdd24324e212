import { Type } from "@fastify/type-provider-typebox";
import { Money } from "./money.ts";
import { Id, choice, ref, strict, text, nullableText } from "./shapes.ts";

export const Quantity = Type.Integer({ minimum: 1, maximum: 99 });

export const CartItem = strict(
  {
    productId: Id,
    variantId: Id,
    name: Type.String(),
    imageUrl: Type.String(),
    quantity: Quantity,
    unitPrice: ref(Money),
    subtotal: ref(Money),
    availableQuantity: Type.Integer({ minimum: 0, description: "How many of it are there, for everybody." }),
    availability: choice(["available", "short", "gone"], {
      description:
        "`short`: less is there than the cart holds. `gone`: it is sold no more; it costs nothing, and nothing can be ordered until it is taken out.",
    }),
  },
  { $id: "CartItem" },
);

export const Cart = strict(
  {
    userId: Id,
    version: Type.Integer({ description: "Grows with every change." }),
    items: Type.Array(ref(CartItem)),
    subtotal: ref(Money),
    expiresAt: nullableText({ format: "date-time" }),
    notice: Type.Optional(
      strict(
        { reason: choice(["CARTS_LOST"]), message: Type.String(), at: Type.String({ format: "date-time" }) },
        {
          description:
            "Only in an empty cart: the store of carts has lost what was in it (`CARTS_LOST`, at this time), perhaps also what was in this one.",
        },
      ),
    ),
  },
  { $id: "Cart" },
);

export const CartCount = strict(
  { count: Type.Integer({ minimum: 0, description: "Pieces in the cart." }), version: Type.Integer() },
  { $id: "CartCount" },
);

export const ItemReference = {
  productId: Type.String({ minLength: 1, maxLength: 200, description: "Id, code or slug." }),
  variantId: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: "Default: the first variant on sale." }),
  ),
};

export const PurchaseItem = strict({ ...ItemReference, quantity: Quantity }, { $id: "PurchaseItem" });

export const QuantityChange = strict(
  {
    quantity: Type.Integer({ minimum: 0, maximum: 99, description: "0 takes the item out." }),
    variantId: Type.Optional(text(100)),
  },
  { $id: "QuantityChange", examples: [{ quantity: 2 }] },
);

export const CartItemQuery = strict({
  variantId: Type.Optional(
    Type.String({ maxLength: 100, description: "Which variant, when the cart holds more than one." }),
  ),
});
