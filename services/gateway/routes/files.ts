import { endpoint } from "../endpoint.ts";
import { StoredFile } from "../schemas/file.ts";

const storeFile = endpoint({
  id: "storeFile",
  method: "POST",
  path: "/api/files",
  journey: "admin",
  tag: "Files",
  summary: "Keep a picture",
  description:
    "The body is the picture itself; what it begins with must be what Content-Type says. The `url` is for `imageUrl` of products. It is made " +
    "from the bytes: the same picture always has the same one.",
  access: "admin",
  machine: "products",
  upload: {
    mediaTypes: ["image/png", "image/jpeg", "image/webp", "image/avif", "image/gif"],
    bytesMax: 1024 * 1024,
  },
  isKeyed: true,
  status: 201,
  answer: StoredFile,
  refusals: {
    413: ["PAYLOAD_TOO_LARGE"],
    415: ["MEDIA_TYPE_UNSUPPORTED", "FILE_TYPE_UNSUPPORTED"],
    503: ["FILES_UNAVAILABLE"],
  },
  run: async (ctx, { rawBody, mediaType, idempotencyKey, call }) => {
    const { file } = await ctx.clients.catalog.storeFile(
      { content: rawBody, mediaType, idempotencyKey },
      call,
    );
    const { name = "", mediaType: kept = "", size = 0n } = file ?? {};
    return { url: `/files/${name}`, name, mediaType: kept, size: Number(size) };
  },
});

const getFile = endpoint({
  id: "getFile",
  method: "GET",
  path: "/files/:name",
  journey: "browse",
  tag: "Files",
  summary: "Show a picture that the shop keeps",
  description: "A name stands for its bytes for ever, so it may be kept as long as one likes.",
  access: "anyone",
  machine: "products",
  status: 200,
  file: "image/*",
  refusals: { 404: ["FILE_NOT_FOUND"], 503: ["FILES_UNAVAILABLE"] },
  // Pages that admins look at in maintenance have pictures.
  isAlwaysUp: true,
  run: async (ctx, { param, headers, serviceCall }) => {
    const name = param("name");
    const etag = `"${name}"`;
    if (isKnown(headers["if-none-match"], etag)) return { etag };
    const { content, mediaType } = await ctx.clients.catalog.getFile({ name }, serviceCall);
    return { etag, content, mediaType };
  },
});

/** Whoever names the tag has the bytes: no other bytes ever had it. */
function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  const known = (ifNoneMatch ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return known.includes(etag);
}

export const fileEndpoints = [storeFile, getFile];
