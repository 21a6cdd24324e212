import { podsOf, type Pods } from "../render.ts";
import type { AnyObject, Container, Kinds, PodSpec } from "../objects.ts";

export type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;

/** The objects of a release, which a sample may spoil: a copy. */
export type Draft = Mutable<AnyObject>[];

/** What must hold of the objects of every profile, and what it looks like when it does not. */
export interface Rule {
  /** A sentence that states what holds. */
  readonly name: string;
  /** One line for each breach. */
  faults(objects: readonly AnyObject[]): string[];
  /** Each spoils a good release in one way, and must be seen. */
  readonly samples: Readonly<Record<string, (objects: Draft) => void>>;
}

/** Every container, those that run first among them, with words for where it is. */
export function containersOf(objects: readonly AnyObject[]): {
  readonly where: string;
  readonly pods: Pods;
  readonly container: Container;
  readonly isFirst: boolean;
}[] {
  return podsOf(objects).flatMap((pods) => [
    ...(pods.template.spec.initContainers ?? []).map((container) => ({
      where: `${pods.owner}, init container ${container.name}`,
      pods,
      container,
      isFirst: container.restartPolicy !== "Always",
    })),
    ...pods.template.spec.containers.map((container) => ({
      where: `${pods.owner}, container ${container.name}`,
      pods,
      container,
      isFirst: false,
    })),
  ]);
}

/** For samples: the one object of a kind and name, or the first of the kind. */
export function draftOf<K extends keyof Kinds>(objects: Draft, kind: K, name?: string): Mutable<Kinds[K]> {
  const found = objects.find(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  if (found === undefined) throw new Error(`There is no ${kind} ${name ?? ""} that a sample could spoil.`);
  return found as Mutable<Kinds[K]>;
}

/** For samples: the pod of the catalogue's Deployment. */
export function catalogPod(objects: Draft): Mutable<PodSpec> {
  return draftOf(objects, "Deployment", "catalog").spec.template.spec;
}

export function catalogContainer(objects: Draft): Mutable<Container> {
  const [container] = catalogPod(objects).containers;
  if (container === undefined) throw new Error("The catalogue's pod has no container.");
  return container;
}
