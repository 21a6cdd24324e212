{{/* Who shows people how every process does, and where these are. */}}

{{/*
The services that ask every process, of those that run here, as JSON. In topology "tiers" nobody does: there the tiers open what they open.
*/}}
{{- define "stoa.watchers" -}}
{{- $names := list -}}
{{- if ne .Values.topology "tiers" -}}
{{- $running := include "stoa.running" . | fromJsonArray -}}
{{- range (include "stoa.facts" . | fromJson).services -}}
{{- if and .watchesShop (has .name $running) -}}
{{- $names = append $names .name -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $names | toJson -}}
{{- end -}}

{{/* Every place that is asked, as JSON: name of the service or role, the headless Service with all its pods, and the operations port. */}}
{{- define "stoa.places" -}}
{{- $places := list -}}
{{- if include "stoa.watchers" . | fromJsonArray -}}
{{- $names := include "stoa.running" . | fromJsonArray -}}
{{- if .Values.audit.enabled -}}
{{- $names = append $names "audit" -}}
{{- end -}}
{{- range $name := $names -}}
{{- $facts := include "stoa.factsOf" (dict "root" $ "name" $name) | fromJson -}}
{{- $places = append $places (dict "name" $name "host" (printf "%s-processes" $name) "port" (int $facts.ports.operations)) -}}
{{- end -}}
{{- end -}}
{{- $places | toJson -}}
{{- end -}}

{{/* What a watcher is told of them: (dict "root" $ "service" $service). The audit answers over HTTP, and knows no key. */}}
{{- define "stoa.watchEnv" -}}
{{- $root := .root -}}
{{- if has .service.name (include "stoa.watchers" $root | fromJsonArray) -}}
{{- $processes := list -}}
{{- range include "stoa.places" $root | fromJsonArray -}}
{{- $address := printf "%s:%d" .host (int .port) -}}
{{- if eq .name "audit" }}
- name: OPS_AUDIT
  value: {{ $address | quote }}
{{- else -}}
{{- $processes = append $processes (printf "%s=%s" .name $address) -}}
{{- end -}}
{{- end }}
- name: OPS_PROCESSES
  value: {{ join " " $processes | quote }}
{{- end -}}
{{- end -}}

{{/* Lets watchers open the operations port of a component: (dict "root" $ "port" 8080). Its own replicas are among them. */}}
{{- define "stoa.watchIngress" -}}
{{- $watchers := include "stoa.watchers" .root | fromJsonArray -}}
{{- if and .port $watchers }}
- from:
    {{- include "stoa.peers" (dict "root" .root "components" $watchers) | trim | nindent 4 }}
  ports:
    {{- include "stoa.tcp" (list .port) | trim | nindent 4 }}
{{- end }}
{{- end -}}

{{/* Lets a watcher out to all of them: (dict "root" $ "name" "admin"). */}}
{{- define "stoa.watchEgress" -}}
{{- $root := .root -}}
{{- if has .name (include "stoa.watchers" $root | fromJsonArray) }}
{{- $byPort := dict }}
{{- range include "stoa.places" $root | fromJsonArray }}
{{- $port := toString .port }}
{{- $_ := set $byPort $port (append (index $byPort $port | default list) .name) }}
{{- end }}
{{- range $port, $names := $byPort }}
- to:
    {{- include "stoa.peers" (dict "root" $root "components" $names) | trim | nindent 4 }}
  ports:
    {{- include "stoa.tcp" (list $port) | trim | nindent 4 }}
{{- end }}
{{- end }}
{{- end -}}
