// Bodies and answers that are files: bytes as they are, with limits of their own.
import type { FastifyReply } from "fastify";
import type { AppError } from "#platform/kit/errors.ts";
import type { KeptAnswer, Upload } from "./endpoint.ts";
import { refusal } from "./errors.ts";

/** The body was sent as something that the operation does not take. */
export function mediaTypeRefusal(upload: Upload | undefined): AppError {
  if (!upload) return refusal("MEDIA_TYPE_UNSUPPORTED");
  const publicMessage = `Send the file itself as the body, as ${upload.mediaTypes.join(", ")}, not compressed.`;
  return refusal("MEDIA_TYPE_UNSUPPORTED", { publicMessage });
}

/** What Fastify refuses about a file, in words that fit the operation; anything else as it was thrown. */
export function refusalOfUpload(thrown: unknown, upload: Upload | undefined): unknown {
  const { code } = thrown as { code?: string };
  if (!upload) return thrown;
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return mediaTypeRefusal(upload);
  if (code !== "FST_ERR_CTP_BODY_TOO_LARGE") return thrown;
  const publicMessage = `The file is larger than ${upload.bytesMax / 1024} KiB.`;
  return refusal("PAYLOAD_TOO_LARGE", { publicMessage });
}

const keptHeaders = {
  "cache-control": "public, max-age=31536000, immutable",
  "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
  // Mails and other shops of the merchant may show it.
  "cross-origin-resource-policy": "cross-origin",
};

/** Sends a file that never changes. Whatever it is, a browser takes it as what it is called and runs nothing in it. */
export async function sendFile(
  reply: FastifyReply,
  { etag, content, mediaType }: KeptAnswer,
): Promise<FastifyReply> {
  reply.headers({ ...keptHeaders, etag });
  if (!content) return await reply.code(304).send();
  return await reply.type(mediaType ?? "application/octet-stream").send(bufferOf(content));
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
