/** What agrees with the program: ports, probes, settings, how a pod ends, and that a job is made anew when it changes. */
import { facts, knownSettings, programOf } from "../facts.ts";
import type { AnyObject, Container, Probe } from "../objects.ts";
import { byKind, podsOf } from "../render.ts";
import { catalogContainer, catalogPod, containersOf, draftOf, type Rule } from "./rule.ts";

const valueOf = ({ env = [] }: Container, name: string): string | undefined =>
  env.find((variable) => variable.name === name)?.value;

const drains: Rule = {
  name: "a pod of the program drains, and has done so before it is ended",
  faults: (objects) =>
    containersOf(objects).flatMap(({ where, container, pods }) => {
      const program = programOf(pods, container);
      // The audit answers nobody: it may end at any moment.
      if (program === undefined || program.name === "audit") return [];
      const delay = Number(valueOf(container, "DRAIN_DELAY_SECONDS") ?? 0);
      const drain = Number(valueOf(container, "DRAIN_SECONDS") ?? 10);
      const { terminationGracePeriodSeconds: grace = 30 } = pods.template.spec;
      const preStop = container.lifecycle?.preStop?.sleep?.seconds ?? 0;
      if (delay + preStop < 1) return [`${where} ends at once, while others still send it requests`];
      return preStop + delay + drain < grace
        ? []
        : [`${where} drains for ${preStop + delay + drain} s and is killed after ${grace} s`];
    }),
  samples: {
    "a grace that is too short": (objects) => {
      catalogPod(objects).terminationGracePeriodSeconds = 15;
    },
    "a drain that is too long": (objects) => {
      const { env = [] } = catalogContainer(objects);
      const drain = env.find(({ name }) => name === "DRAIN_SECONDS");
      if (drain) drain.value = "30";
    },
    "no delay": (objects) => {
      const container = catalogContainer(objects);
      container.env = (container.env ?? []).filter(({ name }) => name !== "DRAIN_DELAY_SECONDS");
    },
  },
};

const ports: Rule = {
  name: "the ports of a container are those that the program opens, by their names",
  faults: (objects) =>
    containersOf(objects).flatMap(({ where, container, pods }) => {
      const program = programOf(pods, container);
      if (program === undefined) return [];
      const opened = { ...program.ports };
      const port = Number(valueOf(container, "PORT") ?? 0);
      if (port > 0 && opened["http"] !== undefined) opened["http"] = port;
      const held: Record<string, number> = Object.fromEntries(
        (container.ports ?? []).map(({ name = "", containerPort }) => [name, containerPort] as const),
      );
      return [
        ...Object.entries(opened)
          .filter(([name, number]) => held[name] !== number)
          .map(([name, number]) => `${where} does not name the port ${name} ${number}`),
        ...Object.entries(held)
          .filter(([name, number]) => opened[name] !== number)
          .map(([name, number]) => `${where} names ${name} ${number}, which the program does not open`),
      ];
    }),
  samples: {
    "a port that the program does not open": (objects) => {
      (catalogContainer(objects).ports ??= []).push({ name: "rest", containerPort: 3001 });
    },
    "another number": (objects) => {
      const [port] = catalogContainer(objects).ports ?? [];
      if (port) port.containerPort = 3551;
    },
  },
};

/** What every operations port and every edge answers (C14). */
export const probedPaths: readonly string[] = ["/health", "/ready", "/status/200"];

function probeFaults(kind: string, probe: Probe | undefined, container: Container): string[] {
  if (probe === undefined) return [`has no ${kind}`];
  const { httpGet, grpc, exec, tcpSocket } = probe;
  const named = container.ports ?? [];
  const port = httpGet?.port ?? grpc?.port ?? tcpSocket?.port;
  if (exec === undefined && !named.some(({ name, containerPort }) => name === port || containerPort === port))
    return [`has a ${kind} of the port ${port}, which it does not open`];
  return [];
}

const probes: Rule = {
  name: "what stays has all three probes, of ports that it opens and paths that the program answers; liveness asks no database",
  faults: (objects) =>
    containersOf(objects).flatMap(({ where, container, pods, isFirst }) => {
      if (isFirst || !/^(Deployment|StatefulSet|Rollout)\//.test(pods.owner)) return [];
      const { startupProbe, readinessProbe, livenessProbe } = container;
      const faults = Object.entries({ startupProbe, readinessProbe, livenessProbe }).flatMap(
        ([kind, probe]) => probeFaults(kind, probe, container),
      );
      const program = programOf(pods, container);
      if (program !== undefined) {
        for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
          if (probe?.exec || probe?.tcpSocket) faults.push("has a probe that asks the program nothing");
          const path = probe?.httpGet?.path;
          const isPage = path === "/" && program.name === "storefront" && probe?.httpGet?.port === "http";
          if (path !== undefined && !isPage && !probedPaths.includes(path))
            faults.push(`probes ${path}, which nothing answers`);
        }
        if (livenessProbe?.httpGet?.path === "/ready")
          faults.push("is ended when its database is away (liveness of /ready)");
      }
      return faults.map((fault) => `${where} ${fault}`);
    }),
  samples: {
    "no readiness": (objects) => {
      delete catalogContainer(objects).readinessProbe;
    },
    "no startup": (objects) => {
      delete catalogContainer(objects).startupProbe;
    },
    "a path that nothing answers": (objects) => {
      Object.assign(catalogContainer(objects).readinessProbe?.httpGet ?? {}, { path: "/healthz" });
    },
    "a port that is not open": (objects) => {
      Object.assign(catalogContainer(objects).livenessProbe?.httpGet ?? {}, { port: "rest" });
    },
    "a liveness that asks the database": (objects) => {
      Object.assign(catalogContainer(objects).livenessProbe?.httpGet ?? {}, { path: "/ready" });
    },
  },
};

const settings: Rule = {
  name: "a service's pod is told where its neighbours, its database and the key of the services are, and nothing that the program does not know",
  faults: (objects) =>
    containersOf(objects).flatMap(({ where, container, pods }) => {
      const program = programOf(pods, container);
      if (program === undefined) return [];
      const told = new Set((container.env ?? []).map(({ name }) => name));
      const wanted = ["SERVICE_KEY", "FLAGS_FILE"];
      if (program.kind === "service")
        wanted.push(
          ...program.connections.map(({ to }) => `${to.toUpperCase()}_URL`),
          ...(program.database ? [`${program.name.toUpperCase()}_DATABASE_URL`] : []),
        );
      const known = knownSettings(program);
      return [
        ...(program.kind === "service" ? wanted : [])
          .filter((name) => !told.has(name))
          .map((name) => `${where} is not told ${name}`),
        ...[...told]
          .filter((name) => !known(name))
          .map((name) => `${where} is told ${name}, which the program does not know`),
      ];
    }),
  samples: {
    "a neighbour left out": (objects) => {
      const container = catalogContainer(objects);
      container.env = (container.env ?? []).filter(({ name }) => name !== "USER_URL");
    },
    "no database": (objects) => {
      const container = catalogContainer(objects);
      container.env = (container.env ?? []).filter(({ name }) => name !== "CATALOG_DATABASE_URL");
    },
    "a setting that does not exist": (objects) => {
      (catalogContainer(objects).env ??= []).push({ name: "CATALOG_RESERVATION_MINUTES", value: "15" });
    },
  },
};

const running: Rule = {
  name: "every service of the program runs, alone or in the backend",
  faults(objects) {
    const run = podsOf(objects).flatMap((pods) =>
      pods.template.spec.containers.flatMap((container) => programOf(pods, container)?.name ?? []),
    );
    const all = facts.services.map(({ name }) => name);
    const wanted = run.includes("backend") ? ["storefront", "backend"] : all;
    return wanted.filter((name) => !run.includes(name)).map((name) => `Nothing runs ${name}`);
  },
  samples: {
    "a service left out": (objects) => {
      draftOf(objects, "Deployment", "catalog").kind = "Nothing";
    },
  },
};

const once: Rule = {
  name: "a job runs to its end by itself, is tried again, and two of it do not meet",
  faults: (objects) => [
    ...byKind(objects, "Job").flatMap(({ metadata, spec }) =>
      jobFaults(`Job/${metadata.name}`, spec.template.spec.restartPolicy, spec.backoffLimit),
    ),
    ...byKind(objects, "CronJob").flatMap(({ metadata, spec }) => [
      ...jobFaults(
        `CronJob/${metadata.name}`,
        spec.jobTemplate.spec.template.spec.restartPolicy,
        spec.jobTemplate.spec.backoffLimit,
      ),
      ...(spec.concurrencyPolicy === "Forbid" || spec.concurrencyPolicy === "Replace"
        ? []
        : [`CronJob/${metadata.name} may run beside itself`]),
    ]),
  ],
  samples: {
    "a job that is never tried again": (objects) => {
      draftOf(objects, "Job").spec.backoffLimit = 0;
    },
    "a job that never ends": (objects) => {
      draftOf(objects, "Job").spec.template.spec.restartPolicy = "Always";
    },
  },
};

function jobFaults(name: string, restartPolicy: string | undefined, backoffLimit = 6): string[] {
  return [
    ...(restartPolicy === "OnFailure" || restartPolicy === "Never" ? [] : [`${name} does not end`]),
    ...(backoffLimit >= 1 ? [] : [`${name} is never tried again`]),
  ];
}

export const lifecycleRules: readonly Rule[] = [drains, ports, probes, settings, running, once];

/** Jobs cannot be changed: those of two renderings that have one name must be the same. */
export function changedJobs(before: readonly AnyObject[], after: readonly AnyObject[]): string[] {
  const known = new Map(
    byKind(before, "Job").map(({ metadata, spec }) => [metadata.name, JSON.stringify(spec)]),
  );
  return byKind(after, "Job").flatMap(({ metadata, spec }) => {
    const old = known.get(metadata.name);
    return old === undefined || old === JSON.stringify(spec)
      ? []
      : [`Job/${metadata.name} would have to change`];
  });
}
