// What extensions may add to the REST API.
import type { TSchema } from "@fastify/type-provider-typebox";
import type { DescService } from "@bufbuild/protobuf";
import { definePoint } from "#platform/kit/extension.ts";
import type { Client } from "#platform/rpc/contract.ts";
import type { GatewayContext } from "./context.ts";
import type { AnyEndpoint } from "./endpoint.ts";

export { endpoint, type ApiRequest } from "./endpoint.ts";
/** Of the library that schemas are written with, so that an extension needs no package of its own. */
export { Type, type Static } from "@fastify/type-provider-typebox";

/** Endpoints beside those of the house, checked, limited and documented like them. A path or id of the house is refused. */
export const restRoutes = definePoint<readonly AnyEndpoint[]>("gateway.routes");

/** The client of a contract that the extension names in its `needs` for the gateway. */
export function clientOf<S extends DescService>(
  ctx: GatewayContext,
  service: string,
  contract: S,
): Client<S> {
  const client = (ctx.clients as { readonly [name: string]: unknown })[service];
  if (client === undefined)
    throw new Error(
      `No extension names ${service} (${contract.typeName}) in its needs for the gateway, so that there is no client of it.`,
    );
  return client as Client<S>;
}

/** What the reference tells of a field that an extension adds to products at the catalogue's own point; the catalogue checks it. */
export interface DocumentedField {
  readonly name: string;
  readonly doc: string;
  readonly schema: TSchema;
  readonly isRequired?: boolean;
}

/** The catalogue's point, read here for the reference. */
export const documentedFields = definePoint<DocumentedField>("catalog.product-fields");
