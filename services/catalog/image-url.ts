const lengthMax = 2_048;
const message = "must be an https address or a path on this site that begins with one slash";

/** Why this cannot be a picture's address, or undefined. Nothing here is ever fetched by a server; browsers of customers do. */
export function imageUrlFault(imageUrl: string): string | undefined {
  if (imageUrl === "") return undefined;
  // Browsers read a backslash as a slash and drop line breaks: either can turn a path into another host.
  if (imageUrl.length > lengthMax || /[\s\\\p{Cc}"'<>`]/u.test(imageUrl) || !imageUrl.isWellFormed())
    return message;
  if (imageUrl.startsWith("/")) return imageUrl.startsWith("//") ? message : undefined;
  const url = URL.parse(imageUrl);
  const isPlain = url?.protocol === "https:" && url.username === "" && url.password === "";
  return isPlain && imageUrl.startsWith("https://") ? undefined : message;
}
