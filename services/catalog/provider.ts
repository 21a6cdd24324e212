// The ports of the catalogue: who keeps its files, and who finds its products.
import type { JsonObject } from "@bufbuild/protobuf";
import { definePort } from "#platform/kit/extension.ts";

/** Largest file. */
export const fileBytesMax = 1024 * 1024;

/** The endings of names by media type: what may be kept. */
export const fileEndings: { readonly [mediaType: string]: string } = {
  "image/png": "png",
  "image/jpeg": "jpg",
  "image/webp": "webp",
  "image/avif": "avif",
  "image/gif": "gif",
};

/** Bytes under a name that is made from them: one name never stands for two things. */
export interface KeptFile {
  /** SHA-256 of the content in hexadecimal, a dot, and the ending of the media type. */
  readonly name: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
}

export interface ListedFile {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
}

/**
 * Whoever keeps files. It may be far away and nothing but a table of names and bytes: no path, no folder, no change of a file that is
 * there. Every method rejects with any Error when it cannot do its work now; the service answers that it is unavailable.
 */
export interface FileStore {
  /**
   * Keeps a file for good before it resolves, whole or, after whatever ended it halfway, not at all. A name that is there already
   * stays as it is. Rejects what `faultOfFile` has something to say about, and then keeps nothing.
   */
  put(file: KeptFile): Promise<void>;
  /** Undefined for a name that is not there, and for what is no name. */
  get(name: string): Promise<KeptFile | undefined>;
  /** A name that is not there, or no name, changes nothing. */
  remove(name: string): Promise<void>;
  /** The first `limit` files whose names come after `after`, in the order of the names' characters. */
  list(after: string, limit: number): Promise<readonly ListedFile[]>;
}

const namePattern = /^[0-9a-f]{64}\.([a-z0-9]{1,8})$/;

/** Whether this can be the name of a file. Such a name is safe in a path and in an address. */
export function isFileName(name: string): boolean {
  return mediaTypeOfName(name) !== undefined;
}

/** The media type that a name tells by its ending; undefined for what is no name. */
export function mediaTypeOfName(name: string): string | undefined {
  const ending = namePattern.exec(name)?.[1];
  return Object.keys(fileEndings).find((mediaType) => fileEndings[mediaType] === ending);
}

/** Why this cannot be kept, as a sentence for a log; undefined for what can. */
export function faultOfFile({ name, mediaType, content }: KeptFile): string | undefined {
  if (!isFileName(name)) return `${JSON.stringify(name.slice(0, 100))} is no name of a file.`;
  if (mediaTypeOfName(name) !== mediaType) return `${name} is no name of a file of type ${mediaType}.`;
  if (content.length === 0 || content.length > fileBytesMax)
    return `${name} has ${content.length} bytes; a file has 1 to ${fileBytesMax}.`;
  return undefined;
}

export const filesPort = definePort<FileStore>("files");

/** What an engine knows of a product: everything that words may find it by, and nothing that changes with every sale. */
export interface SearchDocument {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** SKUs, options and further words, with spaces between them. */
  readonly keywords: string;
  readonly attributes: JsonObject;
  /** Slugs, the primary one first. */
  readonly categories: readonly string[];
  /** Ids of the same categories, in the same order. */
  readonly categoryIds: readonly string[];
}

export interface SearchQuestion {
  /** As somebody wrote it; it has at least one letter or digit, and at most 200 characters. */
  readonly text: string;
  /** Only products in one of these are wanted. */
  readonly categoryIds?: readonly string[];
  /** How many answers at most. */
  readonly limit: number;
}

/**
 * An engine beside the catalogue. It finds and ranks, and knows no price, stock or visibility: the service shows, filters and counts
 * what it found by its own tables, so that an engine that is behind, or has lost something, shows nothing wrong. It is told
 * outside of any transaction, at least once, in batches of at most 500, until it says that it has understood; what it is told
 * last about a product counts. Every method rejects with any Error when it cannot do its work now: searches are then answered by
 * the service itself, and what it was to be told, it is told again.
 */
export interface SearchEngine {
  /** Ids of products that have all the words or mean them, best first, none twice. The answer is not waited for once `signal` aborts. */
  search(question: SearchQuestion, signal: AbortSignal): Promise<readonly string[]>;
  /** Takes the place of whatever it knew of these products. */
  index(documents: readonly SearchDocument[]): Promise<void>;
  /** Forgets these products; ids that it does not know change nothing. */
  remove(productIds: readonly string[]): Promise<void>;
  /** A mark in time for `removeOlder`; it means the same to every process. */
  mark(): Promise<string>;
  /** Forgets every product that it was not told of since the mark. */
  removeOlder(mark: string): Promise<void>;
}

/** Undefined is an answer too: the catalogue searches in its own database, and there is nobody to be told. */
export const searchPort = definePort<SearchEngine | undefined>("search");
