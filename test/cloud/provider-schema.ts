// What a provider says that its resources have: test/cloud/provider-schemas.json, written by tools/cloud/read-schemas.ts.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A type as Terraform writes it, and whether it is r(equired), o(ptional), c(omputed). */
export type Attribute = [type: string | [string, string], how: string];

export interface BlockSchema {
  readonly attributes: Record<string, Attribute>;
  readonly blocks: Record<string, NestedSchema>;
}

export interface NestedSchema extends BlockSchema {
  readonly nesting: "single" | "list" | "set";
  readonly min?: number;
  readonly max?: number;
}

export interface ProviderSchema {
  readonly version: string;
  readonly provider: BlockSchema;
  readonly resource: Record<string, BlockSchema>;
  readonly data: Record<string, BlockSchema>;
  readonly ephemeral: Record<string, BlockSchema>;
}

export type ProviderSchemas = Record<"aws" | "random", ProviderSchema>;

export function providerSchemas(): ProviderSchemas {
  return JSON.parse(
    readFileSync(join(import.meta.dirname, "provider-schemas.json"), "utf8"),
  ) as ProviderSchemas;
}
