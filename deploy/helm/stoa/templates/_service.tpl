{{/* What is to be run: the services of files/services.json, each with its values. */}}

{{/*
The names of what runs as workloads of its own, as JSON: every service that is on, or the two of topology "tiers".
  range $name := include "stoa.running" $ | fromJsonArray
*/}}
{{- define "stoa.running" -}}
{{- include "stoa.once" (dict "root" . "key" "running" "template" "stoa.findRunning" "with" .) -}}
{{- end -}}

{{- define "stoa.findRunning" -}}
{{- $root := . -}}
{{- $names := list -}}
{{- if eq .Values.topology "tiers" -}}
{{- $names = list "storefront" "backend" -}}
{{- else -}}
{{- range (include "stoa.facts" . | fromJson).services -}}
{{- if (include "stoa.service" (dict "root" $root "name" .name) | fromJson).enabled -}}
{{- $names = append $names .name -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $names | toJson -}}
{{- end -}}

{{/*
The values of one service, `services.<name>` over `defaults`, with what follows from them, as JSON:
  name, workload (default: the name), service.name, facts (its entry of services.json), tier, isCritical.
  $service := include "stoa.service" (dict "root" $ "name" $name) | fromJson
*/}}
{{- define "stoa.service" -}}
{{- include "stoa.once" (dict "root" .root "key" (printf "service %s" .name) "template" "stoa.mergeService" "with" .) -}}
{{- end -}}

{{- define "stoa.mergeService" -}}
{{- $values := .root.Values -}}
{{- $own := index $values.services .name | default dict -}}
{{- $service := mergeOverwrite (deepCopy $values.defaults) (deepCopy $own) -}}
{{- $_ := set $service "name" .name -}}
{{- $_ := set $service "workload" ($service.workload | default .name) -}}
{{- $_ := set $service "tier" (include "stoa.tier" .name) -}}
{{- $_ := set $service.service "name" ($service.service.name | default (printf "%s-service" .name)) -}}
{{- $_ := set $service "facts" (include "stoa.factsOf" . | fromJson) -}}
{{- $_ := set $service "isCritical" (not (has .name $values.spot.services)) -}}
{{- toJson $service -}}
{{- end -}}

{{/*
What a template says, asked once for the whole chart and then remembered: every file asks for every service, and each
would merge, print and parse them all again.
*/}}
{{- define "stoa.once" -}}
{{- $known := get .root.Values "remembered" | default dict -}}
{{- if not (hasKey $known .key) -}}
{{- $_ := set $known .key (include .template .with) -}}
{{- $_ := set .root.Values "remembered" $known -}}
{{- end -}}
{{- get $known .key -}}
{{- end -}}

{{/* The entry of a service, or of a role, in services.json, as JSON. What a role runs has its settings and reaches what it reaches. */}}
{{- define "stoa.factsOf" -}}
{{- $name := .name -}}
{{- $facts := include "stoa.facts" .root | fromJson -}}
{{- $found := dict -}}
{{- range concat $facts.services $facts.roles -}}
{{- if eq .name $name -}}
{{- $found = . -}}
{{- end -}}
{{- end -}}
{{- if not $found -}}
{{- fail (printf "There is no service %s in files/services.json. Its values are below services.<name>; the names are those of deploy/services.json." $name) -}}
{{- end -}}
{{- $secrets := $found.secrets | default list -}}
{{- $settings := $found.settings | default list -}}
{{- $outside := $found.outside | default list -}}
{{- range $facts.services -}}
{{- if has .name ($found.runs | default list) -}}
{{- $secrets = concat $secrets .secrets | uniq -}}
{{- $settings = concat $settings .settings | uniq -}}
{{- $outside = concat $outside .outside | uniq -}}
{{- end -}}
{{- end -}}
{{- merge (dict "secrets" $secrets "settings" $settings "outside" $outside) $found | toJson -}}
{{- end -}}

{{/* How many pods of a service may run at once, those of a rollout included: the budget of connections counts them. */}}
{{- define "stoa.replicasMax" -}}
{{- $service := .service -}}
{{- $pods := int $service.replicas -}}
{{- if $service.autoscaling.enabled -}}
{{- $pods = max $pods (int $service.autoscaling.maxReplicas) -}}
{{- end -}}
{{- $surge := toString $service.rollout.maxSurge -}}
{{- if ne $service.rollout.strategy "rolling" -}}
{{- $surge = "100%" -}}
{{- end -}}
{{- if hasSuffix "%" $surge -}}
{{- $percent := trimSuffix "%" $surge | int -}}
{{- add $pods (div (add (mul $pods $percent) 99) 100) -}}
{{- else -}}
{{- add $pods (int $surge) -}}
{{- end -}}
{{- end -}}

{{/*
How many replicas a slot is rendered with. Where an autoscaler owns the number, what runs is kept: neither an upgrade nor
a merge may undo what it decided. Without a cluster (`helm template`) it is the value.
*/}}
{{- define "stoa.replicas" -}}
{{- $replicas := int .slot.replicas -}}
{{- if and .service.autoscaling.enabled .slot.active -}}
{{- $live := lookup "apps/v1" "Deployment" (include "stoa.namespace" .root) .slot.deployment -}}
{{- if $live -}}
{{- $running := int $live.spec.replicas -}}
{{- if gt $running 0 -}}
{{- $replicas = $running -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $replicas -}}
{{- end -}}

{{/* Ports of a Service: name, port, and targetPort (a port of the container by its name). include "stoa.servicePorts" (dict "root" $ "ports" $ports) */}}
{{- define "stoa.servicePorts" -}}
{{- $root := .root -}}
{{- range .ports }}
- name: {{ .name }}
  port: {{ .port }}
  targetPort: {{ .targetPort }}
  appProtocol: {{ include "stoa.appProtocol" (dict "root" $root "port" .targetPort) }}
  {{- with .nodePort }}
  nodePort: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}
