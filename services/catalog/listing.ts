import type { ListProductsRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import { isInstant } from "#platform/kit/calendar.ts";
import { isUuid } from "#platform/kit/ids.ts";
import type { Money } from "#platform/kit/money.ts";
import { decodeCursor, encodeCursor, parseLimit } from "#platform/database/page.ts";
import type { AttributeWish } from "./attributes.ts";
import { invalidField } from "./errors.ts";
import { isSlug } from "./slug.ts";

const sorts = ["name", "-name", "price", "-price", "newest", "relevance"] as const;
export type Sort = (typeof sorts)[number];

/** Which products are wanted. Every field that is undefined lets all through. */
export interface Filter {
  readonly category: string | undefined;
  readonly minPriceMinor: bigint | undefined;
  readonly maxPriceMinor: bigint | undefined;
  readonly inStock: boolean | undefined;
  readonly query: string | undefined;
  readonly attributes: readonly AttributeWish[];
}

export interface Listing {
  /** Undefined when a filter names what no product can have. */
  readonly filter: Filter | undefined;
  readonly sort: Sort;
  readonly limit: number;
  readonly after: Place | undefined;
}

/** Where in the order a page ended: the sort key and the id that decides between equal keys. */
export interface Place {
  readonly key: string;
  readonly id: string;
  /** The key is a place among what a search engine found. */
  readonly isFound?: boolean;
}

const queryLengthMax = 200;
const attributesMax = 10;

/** Throws `invalid` for what can never be meant. */
export function parseListing(request: ListProductsRequest, currencyCode: string): Listing {
  const query = request.query.trim();
  if (query.length > queryLengthMax)
    throw invalidField("query", `must have at most ${queryLengthMax} characters`);
  const sort = parseSort(request.sort, query !== "");
  const filter = {
    category: request.category.normalize("NFC") || undefined,
    minPriceMinor: priceBound("minPrice", request.minPrice, currencyCode),
    maxPriceMinor: priceBound("maxPrice", request.maxPrice, currencyCode),
    inStock: request.inStock,
    query: query || undefined,
    attributes: parseAttributes(request.attributes),
  };
  const isPossible = filter.category === undefined || isSlug(filter.category);
  return {
    filter: isPossible ? filter : undefined,
    sort,
    limit: parseLimit(request.limit),
    after: parsePlace(request.cursor, sort),
  };
}

function parseSort(text: string, isSearch: boolean): Sort {
  if (text === "") return isSearch ? "relevance" : "newest";
  const sort = sorts.find((candidate) => candidate === text);
  if (!sort) throw invalidField("sort", `must be one of ${sorts.join(", ")}`);
  return sort === "relevance" && !isSearch ? "newest" : sort;
}

function priceBound(path: string, price: Money | undefined, currencyCode: string): bigint | undefined {
  if (price !== undefined && price.currencyCode !== currencyCode)
    throw invalidField(`${path}.currencyCode`, `must be ${currencyCode}, the currency of this shop`);
  return price?.minor;
}

function parseAttributes(attributes: { readonly [name: string]: string }): AttributeWish[] {
  const wishes = Object.entries(attributes).map(([name, value]) => ({ name, value }));
  if (wishes.length > attributesMax)
    throw invalidField("attributes", `must have at most ${attributesMax} entries`);
  for (const { name, value } of wishes) {
    const isText = [name, value].every((text) => text.isWellFormed() && !/\p{Cc}/u.test(text));
    if (!isText || name.length > 60 || value.length > 200)
      throw invalidField("attributes", "must have short names and values without control characters");
  }
  return wishes;
}

const keyPatterns: { readonly [S in Sort]: RegExp } = {
  name: /^[^\0]{1,400}$/su,
  "-name": /^[^\0]{1,400}$/su,
  price: /^\d{1,15}$/,
  "-price": /^\d{1,15}$/,
  newest: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  relevance: /^\d{1,15}$/,
};

function parsePlace(cursor: string, sort: Sort): Place | undefined {
  const keys = decodeCursor(cursor, 3);
  if (!keys) return undefined;
  const [givenFor, key, id] = keys;
  const isFound = givenFor === foundSort && sort === "relevance";
  const isOurs =
    (givenFor === sort || isFound) &&
    typeof key === "string" &&
    typeof id === "string" &&
    isUuid(id) &&
    key.isWellFormed() &&
    keyPatterns[sort].test(key) &&
    (sort !== "newest" || isInstant(key));
  if (!isOurs) throw invalidField("cursor", "is not a cursor that this list gave out for this sort");
  return isFound ? { key, id, isFound } : { key, id };
}

/** In cursors: by relevance, as a search engine sees it. */
const foundSort = "found";

export function cursorOf(sort: Sort, { key, id, isFound }: Place): string {
  return encodeCursor([isFound ? foundSort : sort, key, id]);
}
