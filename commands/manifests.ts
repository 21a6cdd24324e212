import { stringify } from "yaml";
import { manifestsOf } from "../manifests/manifests.ts";
import { profileNames, readValues } from "../manifests/values.ts";
import type { CommandContext } from "./command.ts";
import { unknownWord } from "./usage-error.ts";

/** Prints every object of the shop on Kubernetes, as `helm template` does of the same chart and values. Reads no cluster and changes nothing. */
export function manifests({ options, print }: CommandContext): Promise<void> {
  const profile = textOf(options["profile"]);
  if (profile !== undefined && !profileNames().includes(profile))
    throw unknownWord(`There is no profile "${profile}".`, profile, profileNames());
  const name = textOf(options["release"]) ?? "stoa";
  const namespace = textOf(options["namespace"]) ?? "ecommerce";
  for (const object of manifestsOf(readValues(profile, textOf(options["values"])), { name, namespace }))
    print(`---\n${stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }).trimEnd()}`);
  return Promise.resolve();
}

function textOf(option: string | true | undefined): string | undefined {
  return typeof option === "string" ? option : undefined;
}
