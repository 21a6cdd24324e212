// A receiver of events over HTTP for tests: reads CloudEvents with none of the sender's code, and may be away, slow, or unwilling.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after } from "node:test";

export interface ReceivedEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly specversion: string;
  readonly datacontenttype: string;
  readonly dataschema?: string;
  readonly traceparent?: string;
  readonly data: { readonly [name: string]: unknown };
}

/** What it does with a request: answers with a status, is silent, or hangs up before or after it has taken the event. */
export type Conduct = number | "silent" | "hangs-up" | "takes-and-hangs-up";

export interface EventReceiver {
  readonly url: string;
  /** Every event that was taken, repeats included, in the order of arrival. */
  readonly taken: ReceivedEvent[];
  /** Headers and body of every request. */
  readonly requests: { readonly headers: IncomingMessage["headers"]; readonly body: string }[];
  /** How many it had in hand at most. */
  readonly most: () => number;
  /** Decides about each event; takes everything with 204 unless the test says otherwise. */
  conduct: (event: ReceivedEvent) => Promise<Conduct> | Conduct;
  readonly leave: () => Promise<void>;
  readonly comeBack: () => Promise<void>;
}

/** Opens one on a port of its own; it closes when the test file ends. */
export async function openEventReceiver(): Promise<EventReceiver> {
  let server: Server | undefined;
  let port = 0;
  let [inHand, most] = [0, 0];
  const receive = async (req: IncomingMessage, res: ServerResponse) => {
    inHand += 1;
    most = Math.max(most, inHand);
    res.once("close", () => (inHand -= 1));
    const body = Buffer.concat(await Array.fromAsync<Buffer>(req)).toString();
    receiver.requests.push({ headers: req.headers, body });
    const event = JSON.parse(body) as ReceivedEvent;
    const conduct = await receiver.conduct(event);
    if (conduct === "silent") return;
    if (conduct === "hangs-up") return void req.socket.destroy();
    if (conduct === "takes-and-hangs-up" || (conduct >= 200 && conduct < 300)) receiver.taken.push(event);
    if (conduct === "takes-and-hangs-up") return void req.socket.destroy();
    res.writeHead(conduct, { location: "/elsewhere" }).end(conduct === 204 ? undefined : "Some words.");
  };
  const comeBack = async () => {
    const opened = createServer((req, res) => void receive(req, res).catch(() => req.socket.destroy()));
    await new Promise<void>((resolve) => opened.listen(port, "127.0.0.1", resolve));
    port = (opened.address() as AddressInfo).port;
    server = opened;
  };
  const leave = async () => {
    const closing = server;
    server = undefined;
    const closed = new Promise<unknown>((resolve) => (closing ? closing.close(resolve) : resolve(0)));
    closing?.closeAllConnections();
    await closed;
  };
  await comeBack();
  after(leave);
  const receiver: EventReceiver = {
    url: `http://127.0.0.1:${port}/events`,
    taken: [],
    requests: [],
    most: () => most,
    conduct: () => 204,
    leave,
    comeBack,
  };
  return receiver;
}
