// What a request must be before anybody looks at what it asks for (RFC 9112), and the answers that no route makes.
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { newRandomId } from "#platform/kit/ids.ts";

/** A host as the Host header may say it: a name, an IPv4 address or an IPv6 one in brackets, and perhaps a port. */
const hostPattern = /^(?:\[[0-9a-f:.]{2,45}\]|[\w.~-]{1,253})(?::\d{0,5})?$/i;

/** A refusal by the listener itself, as `application/problem+json`. */
export function problemText(status: number, code: string, detail: string, requestId: string): string {
  const title = titles[status] ?? "Bad request";
  return JSON.stringify({ type: `urn:stoa:error:${code}`, title, status, detail, code, requestId });
}

const titles: { readonly [status: number]: string } = {
  404: "Not found",
  405: "Method not allowed",
  408: "Request timeout",
  413: "Payload too large",
  415: "Media type unsupported",
  417: "Expectation failed",
  431: "Request header fields too large",
  500: "Internal",
  503: "Unavailable",
};

/** Headers of such an answer: it is data, and nothing in it may run. */
export const problemHeaders = {
  "content-type": "application/problem+json",
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cache-control": "no-store",
} as const;

/** A whole answer in bytes, for a connection on which there is no request to answer; the connection ends with it. */
export function refuseConnection(socket: Socket, status: number, code: string, detail: string): void {
  const body = problemText(status, code, detail, newRandomId());
  const headers = { ...problemHeaders, "content-length": Buffer.byteLength(body), connection: "close" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${titles[status] ?? "Bad Request"}\r\n${lines.join("")}\r\n${body}`);
}

/**
 * Lets through what has one Host that can be, and a target of a form that has a meaning here. An absolute target counts as its path, and
 * its authority as the Host; `OPTIONS *` asks about the server as a whole and is answered here.
 */
export function soundRequests(handler: RequestListener): RequestListener {
  return (request, response) => {
    const fault = faultOf(request);
    if (fault !== undefined)
      return answer(response, 400, problemText(400, "REQUEST_INVALID", fault, newRandomId()));
    if (request.url !== "*") return handler(request, response);
    if (request.method === "OPTIONS") return answer(response, 204, "");
    const detail = "Only OPTIONS may ask for *.";
    return answer(response, 400, problemText(400, "REQUEST_INVALID", detail, newRandomId()));
  };
}

/** Answers what Node would end without a word of ours. */
export function answerRest(server: Server): void {
  const noTunnels = "This server opens no tunnels.";
  server.on("connect", (_request: IncomingMessage, socket: Socket) => {
    socket.on("error", () => socket.destroy());
    refuseConnection(socket, 405, "METHOD_NOT_ALLOWED", noTunnels);
  });
  server.on("checkExpectation", (_request: IncomingMessage, response: ServerResponse) => {
    const detail = "Of all that can be expected, only 100-continue is met.";
    answer(response, 417, problemText(417, "REQUEST_INVALID", detail, newRandomId()));
  });
}

function answer(response: ServerResponse, status: number, body: string): void {
  const requestId = body === "" ? newRandomId() : (JSON.parse(body) as { requestId: string }).requestId;
  const allow = status === 204 ? { allow: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" } : {};
  // After a request that is not what it should be, the next one may begin anywhere.
  const ending = status === 204 ? {} : { connection: "close" };
  response.writeHead(status, {
    ...problemHeaders,
    ...allow,
    ...ending,
    "x-request-id": requestId,
    ...(body === "" ? {} : { "content-length": Buffer.byteLength(body) }),
  });
  response.end(body);
}

/** What is wrong with the request; it is made plain where it is right in a roundabout way. */
function faultOf(request: IncomingMessage): string | undefined {
  if (request.httpVersionMajor !== 1) return "The request is not HTTP/1.1.";
  const hosts = request.rawHeaders.filter((_, index, all) => index % 2 === 1 && isHost(all[index - 1]));
  if (hosts.length > 1) return "There may be one Host header only.";
  const [host] = hosts;
  if (host === undefined && request.httpVersionMinor >= 1) return "A Host header is needed.";
  if (host !== undefined && !hostPattern.test(host.trim())) return "The Host header names no host.";
  const { url = "" } = request;
  if (url.startsWith("/") || url === "*") return undefined;
  const [, authority = "", path = ""] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(url) ?? [];
  if (!hostPattern.test(authority)) return "The target of the request is no path of this shop.";
  // As it was written: what is odd in it is for the router to refuse.
  request.url = path.startsWith("/") ? path : `/${path}`;
  request.headers.host = authority;
  return undefined;
}

function isHost(name: string | undefined): boolean {
  return name?.toLowerCase() === "host";
}
