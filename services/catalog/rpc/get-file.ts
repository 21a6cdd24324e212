// public: pictures are for everybody who looks at the shop.
import type { GetFileRequest } from "#gen/stoa/catalog/v1/catalog_pb.js";
import type { CatalogContext } from "../context.ts";
import { refusal } from "../errors.ts";

export async function getFile({ files, log }: CatalogContext, { name }: GetFileRequest) {
  const file = await files.get(name).catch((error: unknown) => {
    log.error({ err: error, file: name.slice(0, 100) }, "A file could not be fetched.");
    throw refusal("FILES_UNAVAILABLE", { cause: error });
  });
  if (!file) throw refusal("FILE_NOT_FOUND");
  return { content: file.content, mediaType: file.mediaType };
}
