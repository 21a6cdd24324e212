/** The environment that a container of the chart is given, with secrets as the chart's Jobs would make them. */
import { createHash, randomBytes } from "node:crypto";
import { byKind } from "./render.ts";
import type { AnyObject, Container } from "./objects.ts";

const seed = randomBytes(24);

/** What the keys of the chart's secrets hold, by secret. Names of keys are those of the Jobs that make them. */
function secretValue(secret: string, key: string): string {
  const password = createHash("sha256").update(seed).update(`${secret} ${key}`).digest("hex");
  if (key.endsWith("database-url")) return `postgres://role:${password}@postgres-service:5432/some_db`;
  if (secret === "stoa-redis" && key === "url") return `redis://:${password}@redis:6379`;
  if (secret === "stoa-rabbitmq" && key === "url") return `amqp://stoa:${password}@rabbitmq:5672`;
  if (key === "email") return "admin@example.com";
  if (key === "POSTGRES_USER") return "ecommerce_user";
  if (key === "POSTGRES_DB") return "ecommerce_db";
  return password;
}

/** Every variable with its value; throws where a ConfigMap lacks a key, or a name comes twice. */
export function environmentOf(container: Container, objects: readonly AnyObject[]): Record<string, string> {
  const maps = new Map(byKind(objects, "ConfigMap").map(({ metadata, data }) => [metadata.name, data ?? {}]));
  const environment: Record<string, string> = {};
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (name in environment) throw new Error(`${container.name} is given ${name} twice.`);
    const { configMapKeyRef: map, secretKeyRef: secret, fieldRef } = valueFrom ?? {};
    const found = map
      ? maps.get(map.name)?.[map.key]
      : secret
        ? secretValue(secret.name, secret.key)
        : (value ?? fieldRef?.fieldPath);
    if (found === undefined)
      throw new Error(
        `${container.name} takes ${name} from ${JSON.stringify(valueFrom)}, which the chart does not have.`,
      );
    environment[name] = found;
  }
  return environment;
}
