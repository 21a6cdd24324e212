// A name server for the shop's own names, as a cluster has one: a name has the addresses of those that are ready, and they change.
import { createSocket } from "node:dgram";
import { once } from "node:events";

export type NameServer = Awaited<ReturnType<typeof openNameServer>>;

const typeA = 1;
const headerBytes = 12;

/** Answers questions for IPv4 addresses over UDP on 127.0.0.1; nobody may keep an answer. */
export async function openNameServer() {
  const addresses = new Map<string, readonly string[]>();
  const socket = createSocket("udp4");
  let asked = 0;
  socket.on("message", (question, peer) => {
    asked += 1;
    const answer = answerTo(question, addresses);
    if (answer) socket.send(answer, peer.port, peer.address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    port: socket.address().port,
    /** How many questions came. */
    asked: () => asked,
    set: (name: string, hosts: readonly string[]) => void addresses.set(name.toLowerCase(), hosts),
    close: () => socket.close(),
  };
}

/** RFC 1035, section 4: the question is repeated, and each answer points to its name. */
function answerTo(question: Buffer, addresses: ReadonlyMap<string, readonly string[]>): Buffer | undefined {
  const labels: string[] = [];
  let at = headerBytes;
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString("ascii", at + 1, at + 1 + length));
    at += 1 + length;
    if (at >= question.length) return undefined;
  }
  const end = at + 5;
  if (end > question.length) return undefined;
  const hosts = addresses.get(labels.join(".").toLowerCase());
  const answers = question.readUInt16BE(at + 1) === typeA ? (hosts ?? []) : [];
  const header = Buffer.alloc(headerBytes);
  question.copy(header, 0, 0, 2);
  // An answer, with authority; a name that is not known is said to be none.
  header.writeUInt16BE(0x8580 | (hosts ? 0 : 3), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  return Buffer.concat([header, question.subarray(headerBytes, end), ...answers.map(recordOf)]);
}

function recordOf(host: string): Buffer {
  const [pointer, kind, internet, ttlSeconds, length] = [0xc00c, typeA, 1, 0, 4];
  const record = Buffer.alloc(16);
  record.writeUInt16BE(pointer, 0);
  record.writeUInt16BE(kind, 2);
  record.writeUInt16BE(internet, 4);
  record.writeUInt32BE(ttlSeconds, 6);
  record.writeUInt16BE(length, 10);
  host.split(".").forEach((part, index) => record.writeUInt8(Number(part), 12 + index));
  return record;
}
