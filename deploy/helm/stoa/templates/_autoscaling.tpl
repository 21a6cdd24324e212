{{/* Autoscaling: what is scaled, on what, how fast. */}}

{{/*
The Deployment that an autoscaler changes, the active slot's, as JSON; with Argo Rollouts, its Rollout. Empty while a canary is under way.
  include "stoa.scaleTarget" (dict "root" $ "name" $name) | fromJson
*/}}
{{- define "stoa.scaleTarget" -}}
{{- $service := include "stoa.service" . | fromJson -}}
{{- $target := dict -}}
{{- if include "stoa.isArgo" $service -}}
{{- $target = dict "apiVersion" "argoproj.io/v1alpha1" "kind" "Rollout" "name" $service.workload -}}
{{- else -}}
{{- range include "stoa.slots" . | fromJsonArray -}}
{{- if .active -}}
{{- $target = dict "apiVersion" "apps/v1" "kind" "Deployment" "name" .deployment -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $target | toJson -}}
{{- end -}}

{{/* Requests a second of one pod, probes and metrics not counted: what the adapter and KEDA ask Prometheus. */}}
{{- define "stoa.requestRate" -}}
rate(http_server_request_duration_seconds_count{ {{- .labels -}} ,http_route!~"/health|/ready|/status/200|/metrics"}[{{ .window }}])
{{- end -}}
