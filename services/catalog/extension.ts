// What extensions may add to the catalogue.
import type { TSchema } from "@fastify/type-provider-typebox";
import { definePoint } from "#platform/kit/extension.ts";

/** A fact about products that has a type. It lives among the attributes: shown, searched and filtered like any other. */
export interface ProductField {
  /** Name of the attribute: 1 to 60 letters, digits, spaces, dots, dashes. */
  readonly name: string;
  /** One sentence for the API reference and for forms. */
  readonly doc: string;
  /** TypeBox or plain JSON Schema. A value that does not fit is refused wherever products are written. */
  readonly schema: TSchema;
  /** What a wrong value is answered: it completes "attributes.<name> …", such as "must be one of S, M, L". */
  readonly says: string;
  /** Products cannot be written without it; those that are there already stay until somebody writes them. */
  readonly isRequired?: boolean;
}

/** Typed fields beside those of the house. A name that is taken is refused at start. */
export const productFields = definePoint<ProductField>("catalog.product-fields");
