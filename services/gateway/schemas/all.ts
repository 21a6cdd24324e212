import type { TSchema } from "@fastify/type-provider-typebox";
import * as answer from "./answer.ts";
import * as cart from "./cart.ts";
import * as category from "./category.ts";
import * as figures from "./figures.ts";
import * as flag from "./flag.ts";
import * as file from "./file.ts";
import * as mail from "./mail.ts";
import * as money from "./money.ts";
import * as order from "./order.ts";
import * as payment from "./payment.ts";
import * as product from "./product.ts";
import * as suggestion from "./suggestion.ts";
import * as user from "./user.ts";

/** Every schema with a name: what `$ref` may refer to, and the components of the OpenAPI document. */
export const sharedSchemas: readonly TSchema[] = [
  answer,
  cart,
  category,
  figures,
  file,
  flag,
  mail,
  money,
  order,
  payment,
  product,
  suggestion,
  user,
]
  .flatMap((module): unknown[] => Object.values(module))
  .filter((value): value is TSchema => typeof value === "object" && value !== null && "$id" in value);
