// The same secrets as Secrets of a cluster: made once by a Job, by however many at once, and never changed. docs/decisions/0050-secrets-made-by-a-job.md
import { systemClock } from "#platform/kit/clock.ts";
import { randomSecret } from "#platform/kit/ids.ts";
import { StartError } from "#platform/kit/start-error.ts";
import { accountFolder, ApiServer, type ApiObject } from "#platform/kubernetes/api-server.ts";
import type { CommandContext, Options } from "./command.ts";
import {
  brokerUrl,
  brokerUser,
  newDatabaseUrls,
  redisUrl,
  serviceDatabases,
  superuserUrl,
  type ServiceDatabase,
} from "./shop-secrets.ts";
import { unknownWord, UsageError } from "./usage-error.ts";

/** The name of each Secret, by the word that asks for it. The order is that of making: what holds a password first stands before what repeats it. */
export const clusterSecrets = {
  keys: "stoa-keys",
  postgres: "stoa-postgres",
  databases: "stoa-databases",
  redis: "stoa-redis",
  rabbitmq: "stoa-rabbitmq",
  admin: "stoa-admin",
  "api-keys": "api-keys",
} as const;

type SecretWord = keyof typeof clusterSecrets;

const words = Object.keys(clusterSecrets) as SecretWord[];

export interface ClusterPlace {
  readonly folder: string;
  readonly patienceMs: number;
}

/** Makes the Secrets that are missing. One that is there is read and stays as it is, so that no running shop loses its key. */
export async function makeClusterSecrets(
  { options, shop, environment, print, note, stop }: CommandContext,
  { folder, patienceMs }: ClusterPlace = { folder: accountFolder, patienceMs: 120_000 },
): Promise<void> {
  const plan = planOf(options);
  const api = new ApiServer({ environment, folder, clock: systemClock, patienceMs, note, stop });
  try {
    const maker = new SecretMaker(api, plan, await serviceDatabases(shop));
    const made = await maker.makeMissing();
    for (const name of made) print(`The Secret ${name} was made.`);
    const kept = plan.wanted.length - made.length;
    if (kept > 0) print(`${kept} of ${plan.wanted.length} Secrets were there already; none was changed.`);
  } finally {
    await api.close();
  }
}

interface Plan {
  readonly wanted: readonly SecretWord[];
  readonly postgres: {
    readonly server: string;
    readonly user: string;
    readonly database: string;
    /** The Secret with the superuser's password, which somebody else may have made. */
    readonly secret: string;
  };
  readonly redis: string;
  readonly rabbitmq: string;
  readonly adminEmail: string;
  readonly labels: { readonly [name: string]: string };
}

function planOf(options: Options): Plan {
  const said = (name: string, otherwise: string) => {
    const value = options[name];
    return typeof value === "string" ? value : otherwise;
  };
  const wanted = said("only", words.join(","))
    .split(",")
    .map((word) => word.trim());
  for (const word of wanted)
    if (!Object.hasOwn(clusterSecrets, word)) throw unknownWord(`There is no secret "${word}".`, word, words);
  return {
    wanted: words.filter((word) => wanted.includes(word)),
    postgres: {
      server: said("postgres", "postgres-service:5432"),
      user: said("postgres-user", "postgres"),
      database: said("postgres-database", "postgres"),
      secret: said("postgres-secret", clusterSecrets.postgres),
    },
    redis: said("redis", "redis:6379"),
    rabbitmq: said("rabbitmq", "rabbitmq:5672"),
    adminEmail: said("admin-email", "admin@example.com"),
    labels: labelsOf(said("labels", "")),
  };
}

function labelsOf(text: string): { [name: string]: string } {
  const pairs = text.split(",").filter((pair) => pair !== "");
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^([^=]+)=(.*)$/.exec(pair) ?? [];
      if (name === undefined || value === undefined)
        throw new UsageError(`--labels wants name=value,name=value, and "${pair}" is not that.`);
      return [name, value];
    }),
  );
}

type Fields = { readonly [key: string]: string };

/** What PostgreSQL's superuser is, as the Secret of the server says. */
interface Superuser {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/**
 * Whoever comes first decides, by making an object: of two that make one at once, the API server refuses one, and that one reads. A
 * password that stands in two Secrets is made for one of them, and the other repeats what is found there.
 */
class SecretMaker {
  readonly #api: ApiServer;
  readonly #plan: Plan;
  readonly #databases: readonly ServiceDatabase[];

  constructor(api: ApiServer, plan: Plan, databases: readonly ServiceDatabase[]) {
    this.#api = api;
    this.#plan = plan;
    this.#databases = databases;
  }

  /** One after the other, so that a crash between two leaves the first for the next run. Answers the names of those it made. */
  async makeMissing(): Promise<string[]> {
    const made: string[] = [];
    for (const word of this.#plan.wanted) {
      const name = clusterSecrets[word];
      const there = await this.#find(name);
      if (there) this.#requireWhole(word, there);
      else if (await this.#create(name, await this.#fields(word))) made.push(name);
    }
    return made;
  }

  async #fields(word: SecretWord): Promise<Fields> {
    const { redis, rabbitmq, adminEmail } = this.#plan;
    const password = randomSecret();
    switch (word) {
      case "keys":
        return { "service-key": password };
      case "postgres":
        return await this.#superuserFields(password);
      case "databases":
        return await this.#databaseFields();
      case "redis":
        return { password, url: redisUrl(password, redis) };
      case "rabbitmq": {
        const account = { user: brokerUser, password };
        return { username: brokerUser, password, url: brokerUrl(account, rabbitmq) };
      }
      case "admin":
        return { email: adminEmail, password };
      case "api-keys":
        return {
          PRODUCT_API_KEY: password,
          ORDER_API_KEY: randomSecret(),
          PAYMENT_API_KEY: randomSecret(),
        };
    }
  }

  /** Where only this Secret was lost, the URLs still know the password that the server was made with. */
  async #superuserFields(fresh: string): Promise<Fields> {
    const { user, database } = this.#plan.postgres;
    const url = URL.parse((await this.#find(clusterSecrets.databases))?.["database-url"] ?? "");
    const kept = url?.username === encodeURIComponent(user) ? decodeURIComponent(url.password) : undefined;
    return { POSTGRES_USER: user, POSTGRES_PASSWORD: kept || fresh, POSTGRES_DB: database };
  }

  async #databaseFields(): Promise<Fields> {
    const { server } = this.#plan.postgres;
    const urls = [...newDatabaseUrls(this.#databases, server)];
    return {
      "database-url": superuserUrl(await this.#superuser(), server),
      ...Object.fromEntries(urls.map(([setting, url]) => [keyOf(setting), url])),
    };
  }

  async #superuser(): Promise<Superuser> {
    const { secret, user, database } = this.#plan.postgres;
    const fields = await this.#find(secret);
    const password = fields?.["POSTGRES_PASSWORD"];
    if (!password)
      throw new StartError(
        `The Secret ${secret} in the namespace ${this.#api.namespace} does not hold POSTGRES_PASSWORD, the password of an account that may make databases and roles. Make it, or let this command make ${clusterSecrets.postgres} too.`,
      );
    return {
      user: fields["POSTGRES_USER"] || user,
      password,
      database: fields["POSTGRES_DB"] || database,
    };
  }

  /** A newer release may want keys that an older one did not make. Changing a Secret is for people. */
  #requireWhole(word: SecretWord, fields: Fields): void {
    const lacks = this.#keysOf(word).filter((key) => !fields[key]);
    if (lacks.length > 0)
      throw new StartError(
        `The Secret ${clusterSecrets[word]} in the namespace ${this.#api.namespace} is there, and lacks ${lacks.join(" and ")}. Secrets that are there are never changed here: add what is missing by hand (docs/operate/secrets.md says how).`,
      );
  }

  #keysOf(word: SecretWord): string[] {
    switch (word) {
      case "keys":
        return ["service-key"];
      case "postgres":
        return ["POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"];
      case "databases":
        return [...newDatabaseUrls(this.#databases, this.#plan.postgres.server).keys()].map(keyOf);
      case "redis":
        return ["password", "url"];
      case "rabbitmq":
        return ["username", "password", "url"];
      case "admin":
        return ["email", "password"];
      case "api-keys":
        return ["PRODUCT_API_KEY", "ORDER_API_KEY", "PAYMENT_API_KEY"];
    }
  }

  async #find(name: string): Promise<Fields | undefined> {
    const object = await this.#api.find("secrets", name);
    return object && fieldsIn(object);
  }

  async #create(name: string, fields: Fields): Promise<boolean> {
    const data = Object.fromEntries(
      Object.entries(fields).map(([key, text]) => [key, Buffer.from(text).toString("base64")]),
    );
    const metadata = {
      name,
      labels: { ...this.#plan.labels, "app.kubernetes.io/managed-by": "stoa-secrets" },
      annotations: {
        "stoa/made-by": "stoa secrets make --kubernetes",
        "stoa/kept": "It belongs to no Helm release: helm uninstall leaves it, and nothing changes it.",
      },
    };
    const secret = { apiVersion: "v1", kind: "Secret", metadata, type: "Opaque", data };
    return (await this.#api.create("secrets", secret)) !== undefined;
  }
}

function keyOf(setting: string): string {
  return setting.replaceAll("_", "-");
}

function fieldsIn({ data = {} }: ApiObject & { readonly data?: unknown }): Fields {
  return Object.fromEntries(
    Object.entries(data as Record<string, string>).map(([key, text]) => [
      key,
      Buffer.from(text, "base64").toString(),
    ]),
  );
}
