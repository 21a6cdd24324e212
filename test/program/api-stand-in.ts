// The few verbs of Kubernetes' API that a Job with create and get needs, over HTTPS: what it cannot show is tried on a real server.
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { testAuthority, type testFolder } from "#platform/testing/certificates.ts";
import type { ApiObject } from "#platform/kubernetes/api-server.ts";

const token = "a-token-of-this-test";

/** A namespace `shop` with nothing in it, and the folder that a pod of it is shown. */
export async function openApiStandIn(folder: ReturnType<typeof testFolder>) {
  const authority = testAuthority();
  folder.write("ca.crt", authority.cert);
  folder.write("token", token);
  folder.write("namespace", "shop");
  const standIn = new ApiStandIn(authority.sign());
  const port = await standIn.listen();
  const environment = { KUBERNETES_SERVICE_HOST: "127.0.0.1", KUBERNETES_SERVICE_PORT: String(port) };
  return {
    standIn,
    environment,
    folder: folder.path(""),
    renewToken: (text: string) => folder.write("token", text),
  };
}

class ApiStandIn {
  readonly secrets = new Map<string, ApiObject & { data: Record<string, string> }>();
  readonly asked: string[] = [];
  /** After so many objects were made, the next one is made too, and its answer never arrives. */
  makesBeforeCut = Number.POSITIVE_INFINITY;
  /** Answered in place of everything, as long as it is set. */
  refusal: { status: number; message: string } | undefined;
  readonly #server: Server;

  constructor(identity: { cert: string; key: string }) {
    this.#server = createServer(identity, (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        this.asked.push(`${request.method} ${request.url}`);
        const isKnown = request.headers.authorization === `Bearer ${token}`;
        const refusal = isKnown ? this.refusal : { status: 401, message: "Unauthorized" };
        const answer = refusal
          ? { status: refusal.status, object: statusOf(refusal.status, refusal.message) }
          : this.#answer(request.method ?? "", request.url ?? "", Buffer.concat(chunks).toString());
        if (answer === undefined) return request.socket.destroy();
        response.writeHead(answer.status, { "content-type": "application/json" });
        return response.end(JSON.stringify(answer.object));
      });
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  text(name: string, key: string): string {
    return Buffer.from(this.secrets.get(name)?.data[key] ?? "", "base64").toString();
  }

  #answer(method: string, url: string, body: string): { status: number; object: unknown } | undefined {
    const [, name] = /^\/api\/v1\/namespaces\/shop\/secrets(?:\/([^/]+))?$/.exec(url) ?? [];
    if (method === "GET" && name !== undefined) {
      const found = this.secrets.get(name);
      return found
        ? { status: 200, object: found }
        : { status: 404, object: statusOf(404, `secrets "${name}" not found`) };
    }
    if (method !== "POST" || name !== undefined) return { status: 403, object: statusOf(403, "forbidden") };
    const object = JSON.parse(body) as ApiObject & { data: Record<string, string> };
    const own = object.metadata.name;
    if (this.secrets.has(own))
      return { status: 409, object: statusOf(409, `secrets "${own}" already exists`) };
    this.secrets.set(own, object);
    this.makesBeforeCut -= 1;
    return this.makesBeforeCut < 0 ? undefined : { status: 201, object };
  }
}

function statusOf(code: number, message: string) {
  return { kind: "Status", apiVersion: "v1", status: "Failure", code, message };
}
