/** Pod Security "restricted" in full (with "baseline", which it contains), and what the house asks beyond it. */
import type { Container, PodSpec, SecurityContext } from "../objects.ts";
import { podsOf } from "../render.ts";
import {
  catalogContainer,
  catalogPod,
  containersOf,
  draftOf,
  type Draft,
  type Mutable,
  type Rule,
} from "./rule.ts";

/** A rule about each pod. */
function podRule(
  name: string,
  breach: (spec: PodSpec) => string | false,
  samples: Record<string, (pod: Mutable<PodSpec>) => void>,
): Rule {
  return {
    name,
    faults: (objects) =>
      podsOf(objects).flatMap(({ owner, template }) => {
        const words = breach(template.spec);
        return words === false ? [] : [`${owner} ${words}`];
      }),
    samples: Object.fromEntries(
      Object.entries(samples).map(([title, spoil]) => [
        title,
        (objects: Draft) => spoil(catalogPod(objects)),
      ]),
    ),
  };
}

/** A rule about each container, which may inherit from its pod. */
function containerRule(
  name: string,
  breach: (container: Container, pod: PodSpec) => string | false,
  samples: Record<string, (container: Mutable<Container>, pod: Mutable<PodSpec>) => void>,
): Rule {
  return {
    name,
    faults: (objects) =>
      containersOf(objects).flatMap(({ where, container, pods }) => {
        const words = breach(container, pods.template.spec);
        return words === false ? [] : [`${where} ${words}`];
      }),
    samples: Object.fromEntries(
      Object.entries(samples).map(([title, spoil]) => [
        title,
        (objects: Draft) => spoil(catalogContainer(objects), catalogPod(objects)),
      ]),
    ),
  };
}

/** A context that can be changed, made where there is none. */
function contextOf(holder: { securityContext?: Mutable<SecurityContext> }): Mutable<SecurityContext> {
  holder.securityContext ??= {};
  return holder.securityContext;
}

const safeSysctls = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.ping_group_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
]);
const safeSeLinuxTypes = new Set([
  "",
  "container_t",
  "container_init_t",
  "container_kvm_t",
  "container_engine_t",
]);
const volumeKinds = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

const restricted: Rule[] = [
  podRule(
    "no pod shares the network, the processes or the memory of its node",
    ({ hostNetwork, hostPID, hostIPC }) =>
      hostNetwork || hostPID || hostIPC ? "shares a namespace of its node" : false,
    {
      "a pod in the node's network": (pod) => {
        pod.hostNetwork = true;
      },
      "a pod that sees the node's processes": (pod) => {
        pod.hostPID = true;
      },
      "a pod that shares the node's memory": (pod) => {
        pod.hostIPC = true;
      },
    },
  ),
  podRule(
    "volumes are of the kinds that Pod Security restricted allows",
    ({ volumes = [] }) => {
      const wrong = volumes.flatMap((volume) =>
        Object.keys(volume).filter((key) => key !== "name" && !volumeKinds.has(key)),
      );
      return wrong.length > 0 ? `has volumes of the kind ${wrong.join(", ")}` : false;
    },
    {
      "a folder of the node": (pod) => {
        (pod.volumes ??= []).push({ name: "node", hostPath: { path: "/" } });
      },
    },
  ),
  podRule(
    "a pod sets only sysctls that stay within it",
    ({ securityContext }) => {
      const wrong = (securityContext?.sysctls ?? []).filter(({ name }) => !safeSysctls.has(name));
      return wrong.length > 0 ? `sets ${wrong.map(({ name }) => name).join(", ")}` : false;
    },
    {
      "a sysctl of the node": (pod) => {
        contextOf(pod).sysctls = [{ name: "kernel.msgmax" }];
      },
    },
  ),
  containerRule(
    "no container is privileged, on Windows neither",
    ({ securityContext }, pod) =>
      securityContext?.privileged === true ||
      (securityContext?.windowsOptions ?? pod.securityContext?.windowsOptions)?.hostProcess === true
        ? "is privileged"
        : false,
    {
      "a privileged container": (container) => {
        contextOf(container).privileged = true;
      },
      "a process of a Windows node": (_container, pod) => {
        contextOf(pod).windowsOptions = { hostProcess: true };
      },
    },
  ),
  containerRule(
    "no container gains rights after its start",
    ({ securityContext }) =>
      securityContext?.allowPrivilegeEscalation === false
        ? false
        : "may gain rights (allowPrivilegeEscalation)",
    {
      "escalation allowed": (container) => {
        contextOf(container).allowPrivilegeEscalation = true;
      },
      "escalation not mentioned": (container) => {
        delete contextOf(container).allowPrivilegeEscalation;
      },
    },
  ),
  containerRule(
    "every container drops all capabilities, and takes at most NET_BIND_SERVICE back",
    ({ securityContext }) => {
      const { add = [], drop = [] } = securityContext?.capabilities ?? {};
      if (!drop.includes("ALL")) return "does not drop all capabilities";
      return add.some((name) => name !== "NET_BIND_SERVICE") ? `adds ${add.join(", ")}` : false;
    },
    {
      "capabilities kept": (container) => {
        delete contextOf(container).capabilities;
      },
      "one capability dropped instead of all": (container) => {
        contextOf(container).capabilities = { drop: ["NET_RAW"] };
      },
      "a capability added": (container) => {
        contextOf(container).capabilities = { drop: ["ALL"], add: ["SYS_PTRACE"] };
      },
    },
  ),
  containerRule(
    "every container runs as a user that is not root",
    ({ securityContext = {} }, pod) => {
      const nonRoot = securityContext.runAsNonRoot ?? pod.securityContext?.runAsNonRoot;
      const user = securityContext.runAsUser ?? pod.securityContext?.runAsUser;
      if (nonRoot !== true) return "may run as root (runAsNonRoot)";
      return user === 0 ? "runs as user 0" : false;
    },
    {
      "runAsNonRoot not mentioned": (container, pod) => {
        delete contextOf(container).runAsNonRoot;
        delete contextOf(pod).runAsNonRoot;
      },
      "a container that takes it back": (container) => {
        contextOf(container).runAsNonRoot = false;
      },
      "user 0": (container) => {
        contextOf(container).runAsUser = 0;
      },
    },
  ),
  containerRule(
    "every container is under a seccomp profile",
    ({ securityContext }, pod) => {
      const type = securityContext?.seccompProfile?.type ?? pod.securityContext?.seccompProfile?.type;
      return type === "RuntimeDefault" || type === "Localhost"
        ? false
        : `has the seccomp profile ${type ?? "of nobody"}`;
    },
    {
      "no profile": (container, pod) => {
        delete contextOf(container).seccompProfile;
        delete contextOf(pod).seccompProfile;
      },
      "an unconfined container": (container) => {
        contextOf(container).seccompProfile = { type: "Unconfined" };
      },
    },
  ),
  containerRule(
    "no container leaves AppArmor, SELinux or the masks of /proc",
    ({ securityContext = {} }, pod) => {
      const armor = (securityContext.appArmorProfile ?? pod.securityContext?.appArmorProfile)?.type;
      if (armor !== undefined && armor !== "RuntimeDefault" && armor !== "Localhost")
        return `has AppArmor ${armor}`;
      for (const { type = "", user = "", role = "" } of [
        securityContext.seLinuxOptions ?? {},
        pod.securityContext?.seLinuxOptions ?? {},
      ])
        if (!safeSeLinuxTypes.has(type) || user !== "" || role !== "")
          return "names a type, user or role of SELinux";
      const { procMount = "Default" } = securityContext;
      return procMount === "Default" ? false : `mounts /proc ${procMount}`;
    },
    {
      "AppArmor unconfined": (container) => {
        contextOf(container).appArmorProfile = { type: "Unconfined" };
      },
      "a type of SELinux": (_container, pod) => {
        contextOf(pod).seLinuxOptions = { type: "spc_t" };
      },
      "/proc unmasked": (container) => {
        contextOf(container).procMount = "Unmasked";
      },
    },
  ),
  containerRule(
    "no container takes a port of its node, and no probe asks another host",
    ({ ports = [], startupProbe, readinessProbe, livenessProbe }) => {
      if (ports.some(({ hostPort }) => hostPort !== undefined && hostPort !== 0))
        return "takes a port of its node";
      const probes = JSON.stringify([startupProbe, readinessProbe, livenessProbe]);
      return probes.includes('"host":') ? "has a probe that asks another host" : false;
    },
    {
      "a port of the node": (container) => {
        const [port] = container.ports ?? [];
        if (port) port.hostPort = 8080;
      },
      "a probe of another host": (container) => {
        Object.assign(container.livenessProbe?.httpGet ?? {}, { host: "169.254.169.254" });
      },
    },
  ),
];

const house: Rule[] = [
  containerRule(
    "every container's root file system is read-only",
    ({ securityContext }) =>
      securityContext?.readOnlyRootFilesystem === true ? false : "may write to its root file system",
    {
      "a file system that can be written": (container) => {
        delete contextOf(container).readOnlyRootFilesystem;
      },
    },
  ),
  containerRule(
    "the shop's own images run as user and group 1001",
    ({ image, securityContext = {} }, { securityContext: pod = {} }) => {
      if (!/(^|\/)ecommerce\//.test(image)) return false;
      const user = securityContext.runAsUser ?? pod.runAsUser;
      const group = securityContext.runAsGroup ?? pod.runAsGroup;
      return user === 1001 && group === 1001 ? false : `runs as ${user ?? "nobody"}:${group ?? "nobody"}`;
    },
    {
      "another user": (container) => {
        contextOf(container).runAsUser = 1000;
      },
    },
  ),
  podRule(
    "no pod is told of the other Services by its environment",
    ({ enableServiceLinks }) =>
      enableServiceLinks === false ? false : "does not set enableServiceLinks: false",
    {
      "links left on": (pod) => {
        delete pod.enableServiceLinks;
      },
    },
  ),
  podRule(
    "an emptyDir has a size, so that no pod fills its node",
    ({ volumes = [] }) => {
      const wrong = volumes.filter(
        ({ emptyDir }) => emptyDir !== undefined && emptyDir.sizeLimit === undefined,
      );
      return wrong.length > 0 ? `has no sizeLimit for ${wrong.map(({ name }) => name).join(", ")}` : false;
    },
    {
      "a folder without bounds": (pod) => {
        (pod.volumes ??= []).push({ name: "scratch", emptyDir: {} });
      },
    },
  ),
  {
    name: "every pod has an account of the chart, and a token only where a role says for what",
    faults(objects) {
      const names = new Set(
        objects.filter(({ kind }) => kind === "ServiceAccount").map(({ metadata }) => metadata.name),
      );
      const bound = new Set(
        objects
          .filter(({ kind }) => kind === "RoleBinding")
          .flatMap((binding) =>
            (binding as unknown as { subjects: { name: string }[] }).subjects.map(({ name }) => name),
          ),
      );
      return podsOf(objects).flatMap(({ owner, template: { spec } }) => {
        const { serviceAccountName = "default", automountServiceAccountToken: token } = spec;
        if (!names.has(serviceAccountName))
          return [`${owner} runs as ${serviceAccountName}, which the chart does not make`];
        if (token === false) return [];
        if (token === undefined) return [`${owner} does not say whether it has a token`];
        return bound.has(serviceAccountName) ? [] : [`${owner} has a token that is good for nothing`];
      });
    },
    samples: {
      "the account of the namespace": (objects) => {
        delete catalogPod(objects).serviceAccountName;
      },
      "a token for nothing": (objects) => {
        catalogPod(objects).automountServiceAccountToken = true;
      },
      "a token by silence": (objects) => {
        delete catalogPod(objects).automountServiceAccountToken;
      },
    },
  },
  {
    name: "roles are of this namespace and name each thing that may be done; accounts give no token by themselves",
    faults(objects) {
      return objects.flatMap((object) => {
        const { kind, metadata } = object;
        if (kind === "ClusterRole" || kind === "ClusterRoleBinding")
          return [`${kind}/${metadata.name} is of the whole cluster`];
        if (kind === "ServiceAccount")
          return (object as { automountServiceAccountToken?: boolean }).automountServiceAccountToken === false
            ? []
            : [`ServiceAccount/${metadata.name} gives tokens by itself`];
        if (kind !== "Role") return [];
        const { rules } = object as unknown as {
          rules: { apiGroups: string[]; resources: string[]; verbs: string[]; resourceNames?: string[] }[];
        };
        return rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [] }) => {
          const words = [...apiGroups, ...resources, ...verbs];
          if (words.includes("*")) return [`Role/${metadata.name} allows everything of a kind`];
          const readsSecrets = resources.includes("secrets") && verbs.some((verb) => verb !== "create");
          return readsSecrets && resourceNames.length === 0
            ? [`Role/${metadata.name} may ${verbs.join(", ")} every secret of the namespace`]
            : [];
        });
      });
    },
    samples: {
      "a role of the cluster": (objects) => {
        objects.push({
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "ClusterRole",
          metadata: { name: "all" },
        });
      },
      "a role that allows everything": (objects) => {
        const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["*"] }];
        objects.push({
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "Role",
          metadata: { name: "all" },
          rules,
        } as Draft[number]);
      },
      "a role that reads every secret": (objects) => {
        const rules = [{ apiGroups: [""], resources: ["secrets"], verbs: ["get", "list"] }];
        objects.push({
          apiVersion: "rbac.authorization.k8s.io/v1",
          kind: "Role",
          metadata: { name: "all" },
          rules,
        } as Draft[number]);
      },
      "an account with a token": (objects) => {
        draftOf(objects, "ServiceAccount", "catalog").automountServiceAccountToken = true;
      },
    },
  },
];

export const securityRules: readonly Rule[] = [...restricted, ...house];
