{{/* Who may open which port of whom. Everything here comes from files/services.json, and from the environment that pods get. */}}

{{/*
Helpers of policies take `net`, which network-policies.yaml fills once: root, facts (services.json), byName (its services and roles), running,
services (with their values), said (what each pod's environment says) and edges.
*/}}

{{/*
Every connection inside the shop, calls, events, keys and pages alike, and what roles open, as JSON: from, to, port.
In topology "tiers" whoever is no workload of its own is in the backend.
*/}}
{{- define "stoa.edges" -}}
{{- $running := .running -}}
{{- $byName := .byName -}}
{{- $edges := list -}}
{{- range $from, $facts := $byName -}}
{{- if or (has $from $running) (hasKey $facts "asksKubernetes") -}}
{{- range $connection := $facts.connections -}}
{{- $to := $connection.to -}}
{{- if and (not (has $to $running)) (has $from $running) (has "backend" $running) -}}
{{- $to = "backend" -}}
{{- end -}}
{{- if and (has $to $running) (ne $to $from) -}}
{{- $ports := (index $byName $to).ports -}}
{{- $port := ternary $ports.http $ports.grpc (or (eq $to "backend") (eq $connection.protocol "http")) -}}
{{- $edges = append $edges (dict "from" $from "to" $to "port" (int $port)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- uniq $edges | toJson -}}
{{- end -}}

{{/*
What a pod's environment says, as JSON: each name with its text, or "?" where only a secret knows.
  include "stoa.said" (dict "root" $ "service" $service "config" $config) | fromJson
*/}}
{{- define "stoa.said" -}}
{{- $config := .config -}}
{{- $said := dict -}}
{{- range include "stoa.env" . | fromYamlArray -}}
{{- $text := .value | default "" -}}
{{- with .valueFrom -}}
{{- $text = "?" -}}
{{- with .configMapKeyRef -}}
{{- $text = index $config .key | default "?" -}}
{{- end -}}
{{- end -}}
{{- $_ := set $said .name (toString $text) -}}
{{- end -}}
{{- $said | toJson -}}
{{- end -}}

{{/*
What a process may have to reach beside services, as JSON: `outside` and `redis` of its own, of all services that run in it, and of every process.
  include "stoa.mayReach" (dict "net" $net "name" $name) | fromJson
*/}}
{{- define "stoa.mayReach" -}}
{{- $own := index .net.byName .name -}}
{{- $outside := concat .net.facts.common.outside ($own.outside | default list) -}}
{{- $redis := concat .net.facts.common.redis ($own.redis | default list) -}}
{{- range $name := $own.runs | default list -}}
{{- $inside := index $.net.byName $name -}}
{{- $outside = concat $outside $inside.outside -}}
{{- $redis = concat $redis $inside.redis -}}
{{- end -}}
{{- dict "outside" (uniq $outside) "redis" (uniq $redis) | toJson -}}
{{- end -}}

{{/* Whether a pod is told of a Redis: (dict "net" $net "name" $name). */}}
{{- define "stoa.asksRedis" -}}
{{- $said := index .net.said .name -}}
{{- $asks := false -}}
{{- range (include "stoa.mayReach" . | fromJson).redis -}}
{{- if hasKey $said . -}}
{{- $asks = true -}}
{{- end -}}
{{- end -}}
{{- $asks -}}
{{- end -}}

{{/*
Whom a process reaches outside of the shop by what its settings say, as JSON: name, host ("?" where only a secret knows it) and port.
  include "stoa.reached" (dict "net" $net "name" $name "said" $said) | fromJsonArray
*/}}
{{- define "stoa.reached" -}}
{{- $said := .said -}}
{{- $reached := list -}}
{{- range $outside := (include "stoa.mayReach" . | fromJson).outside -}}
{{- $choice := index $said $outside.setting | default $outside.default | default "" -}}
{{- range $reach := $outside.reaches -}}
{{- $address := index $said $reach.setting | default $reach.default | default "" -}}
{{- $isChosen := or (eq $choice $reach.choice) (eq $choice "?") (hasPrefix (printf "%s://" $reach.choice) $choice) -}}
{{- if and $isChosen (eq $address "?") -}}
{{- range $reach.ports -}}
{{- $reached = append $reached (dict "name" $outside.port "host" "?" "port" (int .)) -}}
{{- end -}}
{{- else if and $isChosen $address -}}
{{- $url := urlParse $address -}}
{{- $port := regexFind "[0-9]+$" (regexFind ":[0-9]+$" $url.host) | default (index $reach.ports $url.scheme) -}}
{{- $reached = append $reached (dict "name" $outside.port "host" $url.hostname "port" (int $port)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- uniq $reached | toJson -}}
{{- end -}}

{{/*
An egress rule to somebody outside: by the values, else by the address, else anybody outside of the cluster.
  include "stoa.outsideRule" (dict "root" $ "name" "payment" "host" "?" "ports" (list 443))
*/}}
{{- define "stoa.outsideRule" -}}
{{- $egress := .root.Values.egress -}}
{{- $own := index $egress.to .name | default dict -}}
{{- $host := .host -}}
{{- $peers := $own.peers | default list -}}
{{- $cidrs := $own.cidrs | default list -}}
{{- if not (or $peers $cidrs) -}}
{{- if regexMatch "^[0-9.]+$" $host -}}
{{- $cidrs = list (printf "%s/32" $host) -}}
{{- else if contains ":" $host -}}
{{- $cidrs = list (printf "%s/128" $host) -}}
{{- else if regexMatch "^[^.?]+$" $host -}}
{{- $peers = list (dict "podSelector" dict) -}}
{{- else if regexMatch "^[^.]+\\.[^.]+\\.svc(\\.|$)" $host -}}
{{- $peers = list (dict "namespaceSelector" (dict "matchLabels" (dict "kubernetes.io/metadata.name" (index (splitList "." $host) 1)))) -}}
{{- else -}}
{{- $cidrs = $egress.cidrs -}}
{{- end -}}
{{- end -}}
- to:
    {{- with $peers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- range $cidrs }}
    {{- include "stoa.block" (dict "cidr" . "never" $egress.never) | trim | nindent 4 }}
    {{- end }}
  ports:
    {{- include "stoa.tcp" ($own.ports | default .ports) | trim | nindent 4 }}
{{- end -}}

{{/* One range of addresses; from "everywhere" what nobody may reach is taken out. */}}
{{- define "stoa.block" -}}
{{- $cidr := .cidr -}}
- ipBlock:
    cidr: {{ $cidr }}
    {{- if hasSuffix "/0" $cidr }}
    {{- $except := list }}
    {{- range .never }}
    {{- if eq (contains ":" .) (contains ":" $cidr) }}
    {{- $except = append $except . }}
    {{- end }}
    {{- end }}
    {{- with $except }}
    except:
      {{- toYaml . | nindent 6 }}
    {{- end }}
    {{- end }}
{{- end -}}

{{/* A list of TCP ports, below `ports:`. */}}
{{- define "stoa.tcp" -}}
{{- range uniq . }}
- { port: {{ int . }}, protocol: TCP }
{{- end }}
{{- end -}}

{{/* The pods of some components, below `from:` or `to:`; include "stoa.peers" (dict "root" $ "components" (list "catalog")). */}}
{{- define "stoa.peers" -}}
{{- $root := .root -}}
{{- range .components }}
- podSelector:
    matchLabels:
      {{- include "stoa.selector" (dict "root" $root "component" .) | nindent 6 }}
{{- end }}
{{- end -}}

{{/*
One policy of one component, both ways: what its rules do not name is denied.
  include "stoa.policy" (dict "root" $ "component" "catalog" "name" $workload "ingress" $text "egress" $text)
*/}}
{{- define "stoa.policy" -}}
{{- $extra := index .root.Values.networkPolicy.extra .component | default dict -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .name }}
  namespace: {{ include "stoa.namespace" .root }}
  labels:
    {{- include "stoa.labels" (dict "root" .root "component" .component) | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      {{- include "stoa.selector" (dict "root" .root "component" .component) | nindent 6 }}
  policyTypes: [Ingress, Egress]
  {{- range $way, $rules := dict "ingress" (trim .ingress) "egress" (trim .egress) }}
  {{- if or $rules (index $extra $way) }}
  {{ $way }}:
    {{- with $rules }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- with index $extra $way }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- end }}
  {{- end }}
{{- end -}}

{{/* Who may open the ports of a service: those who call it, people where they arrive, and who measures it. */}}
{{- define "stoa.serviceIngress" -}}
{{- $root := .net.root -}}
{{- $policy := $root.Values.networkPolicy -}}
{{- $service := index .net.services .name -}}
{{- $callers := dict -}}
{{- if or (ne $root.Values.topology "tiers") (eq $service.name "storefront") }}
{{- range .net.edges }}
{{- if eq .to $service.name }}
{{- $port := toString .port }}
{{- $_ := set $callers $port (append (index $callers $port | default list) .from) }}
{{- end }}
{{- end }}
{{- range $port, $names := $callers }}
- from:
    {{- include "stoa.peers" (dict "root" $root "components" $names) | trim | nindent 4 }}
  ports:
    {{- include "stoa.tcp" (list $port) | trim | nindent 4 }}
{{- end }}
{{- end }}
{{- if has $service.name (list "storefront" "gateway") }}
{{- $http := list $service.facts.ports.http }}
{{- if ne $service.service.type "ClusterIP" }}
# People come from anywhere.
- ports:
    {{- include "stoa.tcp" $http | trim | nindent 4 }}
{{- else }}
{{- $from := $policy.clients }}
{{- if or $root.Values.ingress.enabled $root.Values.gatewayApi.enabled }}
{{- $from = concat $policy.ingressControllers $from }}
{{- end }}
{{- with $from }}
- from:
    {{- toYaml . | nindent 4 }}
  ports:
    {{- include "stoa.tcp" $http | trim | nindent 4 }}
{{- end }}
{{- end }}
{{- end }}
{{- include "stoa.watchIngress" (dict "root" $root "port" $service.facts.ports.operations) }}
{{- include "stoa.operationsIngress" (dict "root" $root "port" $service.facts.ports.operations) }}
{{- end -}}

{{/* Metrics for scrapers, and probes where an engine of policies holds even the kubelet to them. */}}
{{- define "stoa.operationsIngress" -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- if and .port (or $policy.scrapers $policy.nodes) }}
- from:
    {{- with $policy.scrapers }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- range $policy.nodes }}
    {{- include "stoa.block" (dict "cidr" . "never" list) | trim | nindent 4 }}
    {{- end }}
  ports:
    {{- include "stoa.tcp" (list .port) | trim | nindent 4 }}
{{- end }}
{{- end -}}

{{/* Whom a service may open: names, those it calls, its database, its stores, and who is outside by its settings. */}}
{{- define "stoa.serviceEgress" -}}
{{- $root := .net.root -}}
{{- $service := index .net.services .name -}}
{{- $said := index .net.said .name -}}
{{- include "stoa.dnsRule" $root }}
{{- with include "stoa.meshEgress" $root | trim }}
{{ . }}
{{- end }}
{{- include "stoa.calleeRules" (dict "root" $root "edges" .net.edges "from" .name) }}
{{- include "stoa.watchEgress" (dict "root" $root "name" .name) }}
{{- if or $service.facts.database $service.facts.databases }}
{{ include "stoa.storeRule" (dict "root" $root "store" "postgres" "name" "postgres" "port" (int (include "stoa.databasePort" $root)) "host" (include "stoa.databaseHost" $root)) }}
{{- end }}
{{- if eq (include "stoa.asksRedis" .) "true" }}
{{ include "stoa.storeRule" (dict "root" $root "store" "redis" "name" "redis" "port" 6379 "host" "?") }}
{{- end }}
{{- if and (hasKey $said "EVENTS_URL") $root.Values.rabbitmq.enabled }}
{{ include "stoa.storeRule" (dict "root" $root "store" "rabbitmq" "name" "event-broker" "port" 5672 "host" "?") }}
{{- $said = omit $said "EVENTS_URL" }}
{{- end }}
{{- $ports := dict }}
{{- range include "stoa.reached" (dict "net" .net "name" .name "said" $said) | fromJsonArray }}
{{- $key := printf "%s %s" .name .host }}
{{- $_ := set $ports $key (append (index $ports $key | default list) .port) }}
{{- end }}
{{- range $key, $numbers := $ports }}
{{- $parts := splitList " " $key }}
{{ include "stoa.outsideRule" (dict "root" $root "name" (first $parts) "host" (last $parts) "ports" $numbers) }}
{{- end }}
{{- end -}}

{{/* Names are asked for on port 53 and nowhere else. */}}
{{- define "stoa.dnsRule" -}}
- to:
    {{- toYaml .Values.networkPolicy.dns.to | nindent 4 }}
  ports:
    {{- range .Values.networkPolicy.dns.ports }}
    - { port: {{ int . }}, protocol: UDP }
    - { port: {{ int . }}, protocol: TCP }
    {{- end }}
{{- end -}}

{{- define "stoa.calleeRules" -}}
{{- $root := .root -}}
{{- $from := .from -}}
{{- range .edges }}
{{- if eq .from $from }}
- to:
    {{- include "stoa.peers" (dict "root" $root "components" (list .to)) | trim | nindent 4 }}
  ports:
    {{- include "stoa.tcp" (list .port) | trim | nindent 4 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* To a store: the chart's own where it has one, else the one outside. */}}
{{- define "stoa.storeRule" -}}
{{- if (index .root.Values .store).enabled -}}
- to:
    {{- include "stoa.peers" (dict "root" .root "components" (list .store)) | trim | nindent 4 }}
  ports:
    {{- include "stoa.tcp" (list .port) | trim | nindent 4 }}
{{- else -}}
{{- include "stoa.outsideRule" (dict "root" .root "name" .name "host" .host "ports" (list .port)) -}}
{{- end -}}
{{- end -}}

{{/* Whom a role may open: its databases, the API server, the edges that it looks at. */}}
{{- define "stoa.roleEgress" -}}
{{- $root := .root -}}
{{- $role := .role -}}
{{- $own := index .root.Values.egress.to $role.name -}}
{{- if or $role.databases $role.asksKubernetes $role.connections $own }}
{{- include "stoa.dnsRule" $root }}
{{- end }}
{{- include "stoa.calleeRules" (dict "root" $root "edges" .edges "from" $role.name) }}
{{- if $role.databases }}
{{ include "stoa.storeRule" (dict "root" $root "store" "postgres" "name" "postgres" "port" (int (include "stoa.databasePort" $root)) "host" (include "stoa.databaseHost" $root)) }}
{{- end }}
{{- if $role.asksKubernetes }}
- to:
    {{- range $root.Values.networkPolicy.apiServer.cidrs }}
    {{- include "stoa.block" (dict "cidr" . "never" (list "169.254.169.254/32")) | trim | nindent 4 }}
    {{- end }}
  ports:
    {{- include "stoa.tcp" $root.Values.networkPolicy.apiServer.ports | trim | nindent 4 }}
{{- end }}
{{- if $own }}
{{ include "stoa.outsideRule" (dict "root" $root "name" $role.name "host" "?" "ports" (list 443)) }}
{{- end }}
{{- end -}}

{{/* Who may open a store: those whose data it keeps, and whoever a value names. */}}
{{- define "stoa.storeIngress" -}}
{{- $net := .net -}}
{{- $root := $net.root -}}
{{- $store := .store -}}
{{- $owners := list -}}
{{- range $name := $net.running -}}
{{- $facts := index $net.byName $name -}}
{{- $isOwner := dict
  "postgres" (or $facts.database $facts.databases)
  "redis" (eq (include "stoa.asksRedis" (dict "net" $net "name" $name)) "true")
  "rabbitmq" (hasKey (index $net.said $name) "EVENTS_URL") -}}
{{- if index $isOwner $store -}}
{{- $owners = append $owners $name -}}
{{- end -}}
{{- end -}}
{{- if eq $store "postgres" -}}
{{- range $net.facts.roles -}}
{{- if and .databases (not .runs) -}}
{{- $owners = append $owners .name -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $clients := index $root.Values.networkPolicy.storeClients $store -}}
{{- if and (eq $root.Values.topology "tiers") (eq $store "postgres") -}}
{{- $owners = list -}}
{{- end -}}
{{- if or $owners $clients }}
- from:
    {{- include "stoa.peers" (dict "root" $root "components" (uniq $owners)) | trim | nindent 4 }}
    {{- with $clients }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  ports:
    {{- include "stoa.tcp" (list .port) | trim | nindent 4 }}
{{- end }}
{{- if eq $store "rabbitmq" }}
{{- include "stoa.operationsIngress" (dict "root" $root "port" 15692) }}
{{- end }}
{{- end -}}
