// Names in the environment that look like settings and are none: a misspelt setting is silence where somebody meant something.
import { isInjectedPort, type Environment } from "./config.ts";
import { nearestOf } from "./nearest.ts";

export interface KnownNames {
  /** Every name that is read, aliases included. */
  readonly names: ReadonlySet<string>;
  /** Beginnings that only our settings have, such as "CART_". */
  readonly prefixes: readonly string[];
}

/** What images and shells say of the account of the machine that they run under. */
const ofAccounts = ["USER_UID", "USER_GID", "USER_ID", "USER_NAME", "USER_HOME", "USER_ZDOTDIR"];

/** Variables of orchestrators and other programs, whatever they resemble. */
const foreignPrefixes = ["KUBERNETES_", "NODE_", "NPM_", "PG", "GITHUB_", "HTTPS_", ...ofAccounts];

/** What Kubernetes and Docker links put beside every program, for each Service of the namespace. */
function isInjected(name: string, value: string): boolean {
  if (/_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$/.test(name)) return true;
  if (/_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name)) return true;
  return /(^|_)PORT$/.test(name) && isInjectedPort(value);
}

/**
 * The names that are refused, each with the known name that it most resembles. With one of our prefixes any unknown name is; without,
 * one that is a slip of the finger away from a known name. What others put into the environment is passed over.
 */
export function unknownNames(
  environment: Environment,
  known: KnownNames,
): { readonly name: string; readonly nearest: string | undefined }[] {
  const found: { name: string; nearest: string | undefined }[] = [];
  for (const [name, value = ""] of Object.entries(environment)) {
    if (value === "" || known.names.has(name) || !/^[A-Z][A-Z0-9_]*$/.test(name)) continue;
    if (isInjected(name, value) || foreignPrefixes.some((prefix) => name.startsWith(prefix))) continue;
    const prefix = known.prefixes.find((one) => name.startsWith(one));
    const { nearest, distance } = nearestOf(name, known.names);
    if (distance <= slipsMax(name)) found.push({ name, nearest });
    else if (prefix !== undefined) found.push({ name, nearest: relativeOf(name, prefix, known.names) });
  }
  return found;
}

/** What begins alike, and goes on or resembles. */
function relativeOf(name: string, prefix: string, names: ReadonlySet<string>): string | undefined {
  const relatives = [...names].filter((candidate) => candidate.startsWith(prefix));
  const longer = relatives.find(
    (candidate) => candidate.startsWith(name) || name.startsWith(`${candidate}_`),
  );
  if (longer !== undefined) return longer;
  const { nearest, distance } = nearestOf(name, new Set(relatives));
  return distance <= (name.length - prefix.length) / 2 ? nearest : undefined;
}

/** Short names resemble too much. */
function slipsMax(name: string): number {
  if (name.length < 8) return 0;
  return name.length < 12 ? 1 : 2;
}
