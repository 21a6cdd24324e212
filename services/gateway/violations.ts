// Faults of a schema in words: JSON paths as people write them, and what is wrong there.
import type { FieldViolation } from "#platform/kit/errors.ts";

/** What the validator says about one fault. */
export interface SchemaFault {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: { readonly [name: string]: unknown };
  readonly message?: string;
}

/** More faults than this help nobody. */
const violationsMax = 20;

export function violationsOf(faults: readonly SchemaFault[]): FieldViolation[] {
  const told = faults.filter(({ keyword }) => keyword !== "if");
  const seen = new Set<string>();
  const violations: FieldViolation[] = [];
  for (const fault of told) {
    const violation = violationOf(fault);
    const key = `${violation.path}\0${violation.message}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (violations.push(violation) === violationsMax) break;
  }
  return violations;
}

function violationOf({ instancePath, keyword, params, message }: SchemaFault): FieldViolation {
  const path = jsonPath(instancePath);
  switch (keyword) {
    case "required":
      return { path: child(path, String(params["missingProperty"])), message: "is required" };
    case "additionalProperties":
      return { path: child(path, String(params["additionalProperty"])), message: "is not a known field" };
    case "enum":
      return { path, message: `must be one of ${(params["allowedValues"] as string[]).join(", ")}` };
    case "oneOf":
      return { path, message: "must be exactly one of the allowed forms" };
    default:
      return { path, message: message ?? "is not valid" };
  }
}

/** "/items/0/quantity" as "items[0].quantity". */
function jsonPath(pointer: string): string {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : child(path, part)), "");
}

function child(path: string, name: string): string {
  const short = name.slice(0, 100);
  return path === "" ? short : `${path}.${short}`;
}
