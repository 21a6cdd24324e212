// compose.yaml as an engine reads it: merged, and with ${NAME:-default} filled in.
import { readFileSync } from "node:fs";
import { parse } from "yaml";

export interface ComposeService {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly user?: string;
  readonly read_only?: boolean;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly (string | { readonly source: string; readonly target: string })[];
  readonly configs?: readonly { readonly source: string; readonly target: string }[];
  readonly networks?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly restart?: string;
  readonly init?: boolean;
  readonly cap_drop?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly deploy?: { readonly resources: { readonly limits: { readonly memory: string } } };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
  readonly configs: Readonly<Record<string, { readonly file: string }>>;
  readonly volumes: Readonly<Record<string, object>>;
}

export function readCompose(path: string, environment: Readonly<Record<string, string>> = {}): ComposeFile {
  return interpolated(parse(readFileSync(path, "utf8"), { merge: true }), environment) as ComposeFile;
}

function interpolated(value: unknown, environment: Readonly<Record<string, string>>): unknown {
  if (typeof value === "string")
    return value.replace(
      /\$\{(\w+):-([^}]*)\}/g,
      (_, name: string, fallback: string) => environment[name] || fallback,
    );
  if (Array.isArray(value)) return value.map((one) => interpolated(one, environment));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, interpolated(one, environment)]));
}

/** Bytes of "128M" and the like. */
export function bytesOf(text: string): number {
  const [, number = "", unit = ""] = /^(\d+)([KMG]?)$/i.exec(text) ?? [];
  return Number(number) * 1024 ** ["", "K", "M", "G"].indexOf(unit.toUpperCase());
}
