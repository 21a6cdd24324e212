/** A rendered release with questions that tests ask of it in words: what a service's pods are, who may reach whom. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type {
  AnyObject,
  Autoscaler,
  Container,
  Deployment,
  PodSpec,
  Probe,
  Service,
  StatefulSet,
} from "./objects.ts";
import { partiesOf, Policies } from "./reachability.ts";
import { byKind, find, podsOf, render, withoutHelm, type Rendering } from "./render.ts";

export class Release {
  readonly #rendering: Rendering;

  constructor(rendering: Rendering) {
    this.#rendering = rendering;
  }

  get objects(): readonly AnyObject[] {
    return render(this.#rendering);
  }

  /** The namespaces that the objects stand in. */
  get namespaces(): string[] {
    return [...new Set(this.objects.flatMap(({ metadata }) => metadata.namespace ?? []))];
  }

  deployment(name: string): Deployment {
    return find(this.objects, "Deployment", name);
  }

  /** Replicas of each Deployment of a service: `{ "gateway-blue": 3, "gateway-green": 0 }`. */
  replicas(component: string): Record<string, number> {
    return Object.fromEntries(
      byKind(this.objects, "Deployment")
        .filter(({ metadata }) => metadata.labels?.["component"] === component)
        .map(({ metadata, spec }) => [metadata.name, spec.replicas ?? 1]),
    );
  }

  statefulSet(name: string): StatefulSet {
    return find(this.objects, "StatefulSet", name);
  }

  service(name: string): Service {
    return find(this.objects, "Service", name);
  }

  /** Ports of a Service by number, and where they lead. */
  ports(name: string): Record<number, string | number | undefined> {
    return Object.fromEntries(
      this.service(name).spec.ports.map(({ port, targetPort = port }) => [port, targetPort]),
    );
  }

  /** The number that a Service's port arrives at, in the pods that it means. */
  containerPort(service: string, port: number): number | undefined {
    const { spec } = this.service(service);
    const found = spec.ports.find((each) => each.port === port);
    const target = found?.targetPort ?? found?.port;
    const held = podsOf(this.objects)
      .filter(({ labels }) =>
        Object.entries(spec.selector ?? {}).every(([key, value]) => labels[key] === value),
      )
      .flatMap(({ template }) => template.spec.containers.flatMap(({ ports = [] }) => ports));
    return held.find(({ name, containerPort }) => name === target || containerPort === target)?.containerPort;
  }

  /** The pod of a component: all slots have the same. */
  pod(component: string): PodSpec {
    const found = podsOf(this.objects).find(
      ({ labels, owner }) =>
        labels["component"] === component && /^(Deployment|StatefulSet|Rollout)\//.test(owner),
    );
    assert.ok(found, `No pods of the component ${component} are rendered.`);
    return found.template.spec;
  }

  container(component: string): Container {
    const [container] = this.pod(component).containers;
    assert.ok(container, `The pod of ${component} has no container.`);
    return container;
  }

  probe(component: string, kind: "startup" | "readiness" | "liveness"): Probe & { path: string | undefined } {
    const probe = this.container(component)[`${kind}Probe`];
    assert.ok(probe, `${component} has no ${kind} probe.`);
    return { ...probe, path: probe.httpGet?.path };
  }

  /** `cpu 100m/200m, memory 128Mi/256Mi`: asked for, and allowed at most. */
  resources(component: string): string {
    const { requests = {}, limits = {} } = this.container(component).resources ?? {};
    return `cpu ${requests["cpu"]}/${limits["cpu"]}, memory ${requests["memory"]}/${limits["memory"]}`;
  }

  scaler(component: string): Autoscaler {
    const found = byKind(this.objects, "HorizontalPodAutoscaler").find(
      ({ metadata }) => metadata.labels?.["component"] === component,
    );
    assert.ok(found, `${component} has no autoscaler.`);
    return found;
  }

  hasScaler(component: string): boolean {
    return byKind(this.objects, "HorizontalPodAutoscaler").some(
      ({ metadata }) => metadata.labels?.["component"] === component,
    );
  }

  /** `2-10`. */
  scale(component: string): string {
    const { minReplicas, maxReplicas } = this.scaler(component).spec;
    return `${minReplicas}-${maxReplicas}`;
  }

  /** Average CPU in percent that an autoscaler keeps. */
  cpuTarget(component: string): number | undefined {
    const metric = this.scaler(component).spec.metrics?.find(({ resource }) => resource?.name === "cpu");
    return metric?.resource?.target.averageUtilization;
  }

  config(name: string): Readonly<Record<string, string>> {
    return find(this.objects, "ConfigMap", name).data ?? {};
  }

  /** Where a variable of a component comes from: its text, `secret/key`, or `config/key`. */
  variable(component: string, name: string): string | undefined {
    const found = this.container(component).env?.find((each) => each.name === name);
    const { secretKeyRef, configMapKeyRef } = found?.valueFrom ?? {};
    const reference = secretKeyRef ?? configMapKeyRef;
    return reference ? `${reference.name}/${reference.key}` : found?.value;
  }

  /** Every Secret's key that some pod takes: `api-keys/PAYMENT_API_KEY`. */
  get secretKeys(): string[] {
    const keys = podsOf(this.objects).flatMap(({ template }) =>
      template.spec.containers.flatMap(({ env = [] }) =>
        env.flatMap(({ valueFrom }) => {
          const { secretKeyRef } = valueFrom ?? {};
          return secretKeyRef ? [`${secretKeyRef.name}/${secretKeyRef.key}`] : [];
        }),
      ),
    );
    return [...new Set(keys)].sort();
  }

  /** The strategy of a component's first Deployment: `1/0` for surge 1 and unavailable 0. */
  strategy(component: string): string {
    const found = byKind(this.objects, "Deployment").find(
      ({ metadata }) => metadata.labels?.["component"] === component,
    );
    const { maxSurge, maxUnavailable } = found?.spec.strategy?.rollingUpdate ?? {};
    return `${found?.spec.strategy?.type} ${maxSurge}/${maxUnavailable}`;
  }

  /** Whether the policies let pods of one component open a port of another's. */
  mayReach(from: string, to: string, port: number): boolean {
    const [namespace = "ecommerce"] = this.namespaces;
    const parties = partiesOf(this.objects, namespace);
    const policies = new Policies(this.objects, namespace);
    const [source, target] = [from, to].map((name) => parties.find(({ component }) => component === name));
    assert.ok(source && target, `${from} or ${to} has no pods.`);
    return policies.allow(source, target, { port });
  }

  /** Which components may open a port of a component. */
  whoReaches(to: string, port: number): string[] {
    const [namespace = "ecommerce"] = this.namespaces;
    const parties = partiesOf(this.objects, namespace);
    const policies = new Policies(this.objects, namespace);
    const target = parties.find(({ component }) => component === to);
    assert.ok(target, `${to} has no pods.`);
    const sources = parties.filter(({ component }) => component !== to);
    const open = sources.filter((source) => policies.allow(source, target, { port }));
    return [...new Set(open.map(({ component }) => component))].sort();
  }
}

/** One line of a design document: its id, what it says, what the chart has, what it must have. */
export type Line = readonly [id: string, says: string, has: () => unknown, wants: unknown];

/** A test for each line; of an object, the fields that the line names count. */
export function testLines(lines: readonly Line[]): void {
  for (const [id, says, has, wants] of lines)
    test(`${id}: ${says}`, { skip: withoutHelm }, () => {
      const found = has();
      if (typeof wants === "object" && wants !== null && !Array.isArray(wants))
        assert.partialDeepStrictEqual(found, wants);
      else assert.deepEqual(found, wants);
    });
}
