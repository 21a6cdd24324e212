// The API server of the cluster that a pod runs in, asked in the name of the pod's ServiceAccount.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Agent, request } from "undici";
import { pause, type Clock } from "#platform/kit/clock.ts";
import type { Environment } from "#platform/kit/config.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { requireGoing } from "#platform/kit/stopped.ts";

/** Where the kubelet puts what a pod proves itself with. */
export const accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** An object of the API, as far as we look at it. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly labels?: { readonly [name: string]: string };
    readonly annotations?: { readonly [name: string]: string };
  };
  readonly [field: string]: unknown;
}

export interface ApiServerOptions {
  readonly environment: Environment;
  /** The folder with `token`, `ca.crt` and `namespace`. */
  readonly folder: string;
  readonly clock: Clock;
  /** How long a server that does not answer, or refuses us, is asked again: network policies and roles take effect a moment after they are there. */
  readonly patienceMs: number;
  /** Told why it is asked again, once for each reason. */
  readonly note: (line: string) => void;
  readonly stop: AbortSignal;
}

const answerMsMax = 10_000;
const againMs = 1_000;

/**
 * Reads and makes objects of one namespace. What cannot be done for a while is tried again; what cannot be done at all is a StartError that says why. The
 * token is read for each request, because the kubelet renews it.
 */
export class ApiServer {
  readonly namespace: string;
  readonly #options: ApiServerOptions;
  readonly #origin: string;
  readonly #agent: Agent;

  constructor(options: ApiServerOptions) {
    this.#options = options;
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = options.environment;
    if (!host)
      throw new StartError(
        "KUBERNETES_SERVICE_HOST is not set: this runs in a pod of a cluster, which Kubernetes tells where its API server is.",
      );
    this.#origin = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
    this.namespace = this.#read("namespace");
    this.#agent = new Agent({
      connect: { ca: this.#read("ca.crt"), timeout: answerMsMax },
      headersTimeout: answerMsMax,
      bodyTimeout: answerMsMax,
    });
  }

  /** The object of this name; undefined when there is none. */
  async find(plural: string, name: string): Promise<ApiObject | undefined> {
    return await this.#ask({ method: "GET", path: `${plural}/${encodeURIComponent(name)}`, absent: 404 });
  }

  /** Makes the object; undefined when one of its name is there already, which stays as it is. */
  async create(plural: string, object: ApiObject): Promise<ApiObject | undefined> {
    return await this.#ask({ method: "POST", path: plural, body: object, absent: 409 });
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async #ask(question: Question): Promise<ApiObject | undefined> {
    const { clock, patienceMs, note, stop } = this.#options;
    const startedMs = clock.monotonicMs();
    let last: string | undefined;
    for (;;) {
      requireGoing(stop);
      const answer = await this.#askOnce(question);
      if (answer.kind === "object") return answer.object;
      if (answer.kind === "never" || clock.monotonicMs() - startedMs > patienceMs)
        throw new StartError(answer.says);
      if (answer.says !== last) note(`${answer.says} It is asked again every second.`);
      last = answer.says;
      await pause(clock, againMs, stop);
    }
  }

  async #askOnce({ method, path, body, absent }: Question): Promise<Answer> {
    const where = `The API server at ${this.#origin}`;
    const url = `${this.#origin}/api/v1/namespaces/${this.namespace}/${path}`;
    const token = this.#read("token");
    let status: number;
    let text: string;
    try {
      const answer = await request(url, {
        method,
        dispatcher: this.#agent,
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          accept: "application/json",
        },
        body: body === undefined ? null : JSON.stringify(body),
      });
      status = answer.statusCode;
      text = await answer.body.text();
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      return { kind: "later", says: `${where} does not answer (${code ?? message}).` };
    }
    if (status === absent) return { kind: "object", object: undefined };
    if (status < 300) return { kind: "object", object: JSON.parse(text) as ApiObject };
    const says = `${where} refuses ${method} ${path} in the namespace ${this.namespace} with ${status}: ${reasonIn(text)}`;
    return { kind: status === 400 || status === 404 || status === 422 ? "never" : "later", says };
  }

  #read(name: string): string {
    const path = join(this.#options.folder, name);
    try {
      return readFileSync(path, "utf8").trim();
    } catch (error) {
      throw new StartError(
        `The file ${path} cannot be read. The pod needs a ServiceAccount with its token mounted (automountServiceAccountToken: true).`,
        { cause: error },
      );
    }
  }
}

interface Question {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: ApiObject;
  /** The status that means that there is nothing to answer. */
  readonly absent: number;
}

type Answer =
  | { readonly kind: "object"; readonly object: ApiObject | undefined }
  | { readonly kind: "later" | "never"; readonly says: string };

/** Kubernetes answers refusals with a Status, whose message is a sentence; it never repeats what was sent in a Secret. */
function reasonIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: string };
    return message ?? "no reason given.";
  } catch {
    return "no reason given.";
  }
}
