/** Objects held against Kubernetes' own schemas of one minor, with unknown fields refused: `tools/chart/install.ts` brings them. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { chartToolsFolder } from "../../tools/chart/tools-folder.ts";
import type { AnyObject } from "./objects.ts";

interface Definition {
  readonly "x-kubernetes-group-version-kind"?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

interface Schemas {
  readonly $id: string;
  readonly $defs: Readonly<Record<string, Definition>>;
}

const fileOf = (minor: string): string => join(chartToolsFolder(), "schemas", `${minor}.json`);

/** For a test's `skip`. */
export function withoutSchemas(minor: string): string | false {
  if (existsSync(fileOf(minor))) return false;
  return `needs the schemas of Kubernetes ${minor}, which come by Python's pip; node tools/chart/install.ts brings them where there is one`;
}

/** Knows the kinds of one minor. Building it takes a second, so a test file makes one for each minor. */
export class KubernetesSchemas {
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  readonly #pointers = new Map<string, string>();
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(minor: string) {
    const schemas = JSON.parse(readFileSync(fileOf(minor), "utf8")) as Schemas;
    this.#ajv.addSchema({ ...schemas, $id: "/api/_definitions.json" });
    for (const [name, definition] of Object.entries(schemas.$defs))
      for (const { group, version, kind } of definition["x-kubernetes-group-version-kind"] ?? [])
        this.#pointers.set(`${group ? `${group}/` : ""}${version} ${kind}`, name);
  }

  /** Whether Kubernetes itself has this kind; of those that operators bring, it knows nothing. */
  knows({ apiVersion, kind }: AnyObject): boolean {
    return this.#pointers.has(`${apiVersion} ${kind}`);
  }

  faultsOf(object: AnyObject): string[] {
    const name = this.#pointers.get(`${object.apiVersion} ${object.kind}`);
    if (name === undefined) return [`${object.apiVersion} ${object.kind} is no kind of this Kubernetes.`];
    const validate = this.#validatorOf(name);
    const isValid: boolean = validate(object);
    if (isValid) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${object.kind}/${object.metadata?.name} ${instancePath || "/"} ${message} ${JSON.stringify(params)}`,
    );
  }

  #validatorOf(name: string): ValidateFunction {
    const known = this.#compiled.get(name);
    if (known) return known;
    const compiled = this.#ajv.compile({ $ref: `/api/_definitions.json#/$defs/${name}` });
    this.#compiled.set(name, compiled);
    return compiled;
  }
}
