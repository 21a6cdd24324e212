import { createHash } from "node:crypto";
import { refusal } from "./errors.ts";
import { fileBytesMax, fileEndings, type KeptFile } from "./provider.ts";

/** A picture under the name of its bytes. Throws what a person can mend. */
export function parsePicture(content: Uint8Array, mediaType: string): KeptFile {
  if (content.length > fileBytesMax) throw refusal("FILE_TOO_LARGE");
  const found = pictureTypeOf(content);
  const ending = found && fileEndings[found];
  if (found === undefined || ending === undefined) throw refusal("FILE_TYPE_UNSUPPORTED");
  if (found !== mediaType)
    throw refusal("FILE_TYPE_UNSUPPORTED", {
      publicMessage: `The file is ${found}, but it was sent as ${shown(mediaType)}. Send it as what it is.`,
    });
  const hash = createHash("sha256").update(content).digest("hex");
  return { name: `${hash}.${ending}`, mediaType, content };
}

function shown(mediaType: string): string {
  return /^[\w.+-]{1,40}\/[\w.+-]{1,40}$/.test(mediaType) ? mediaType : "something else";
}

const beginnings: readonly (readonly [mediaType: string, beginning: RegExp])[] = [
  ["image/png", /^\x89PNG\r\n\cZ\n/],
  ["image/jpeg", /^\xff\xd8\xff/],
  ["image/gif", /^GIF8[79]a/],
  ["image/webp", /^RIFF[^]{4}WEBPVP8[ LX]/],
  ["image/avif", /^[^]{4}ftyp(?:avi[fs]|(?:mif1|msf1)[^]*avi[fs])/],
];

/** By the first bytes, whatever anybody says. SVG is none: it is a document that can hold scripts. */
function pictureTypeOf(content: Uint8Array): string | undefined {
  const head = Buffer.from(content.subarray(0, 64)).toString("latin1");
  return beginnings.find(([, beginning]) => beginning.test(head))?.[0];
}
