// A process that does nothing but put files, for a test that kills it.
import { createHash, randomBytes } from "node:crypto";
import { fileBytesMax } from "../provider.ts";
import { openFolderFiles } from "./open-files.ts";

const store = await openFolderFiles(process.argv[2] ?? "");
for (;;) {
  const content = randomBytes(fileBytesMax);
  const name = `${createHash("sha256").update(content).digest("hex")}.png`;
  await store.put({ name, mediaType: "image/png", content });
  process.send?.(name);
}
