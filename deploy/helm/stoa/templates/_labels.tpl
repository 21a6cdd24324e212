{{/* Labels: the six of the shop on everything, and those that Kubernetes recommends. */}}

{{/*
  include "stoa.labels" (dict "root" $ "component" "catalog")
Optional: "version" (of a slot with an image of its own), "slot", and "pod" true for pods, which a new version of the chart alone does not make anew.
*/}}
{{- define "stoa.labels" -}}
{{- $root := .root -}}
{{- $version := include "stoa.labelVersion" (.version | default (include "stoa.version" $root)) -}}
app: {{ $root.Values.application }}
component: {{ .component }}
version: {{ $version | quote }}
environment: {{ $root.Values.environment }}
managed-by: helm
tier: {{ include "stoa.tier" .component }}
app.kubernetes.io/name: {{ .component }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/version: {{ $version | quote }}
app.kubernetes.io/part-of: {{ $root.Values.application }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
{{- if not .pod }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end }}
{{- with .slot }}
slot: {{ . }}
{{- end }}
{{- end -}}

{{/* What selects the pods of a component; with "slot", those of one slot. It never changes between releases. */}}
{{- define "stoa.selector" -}}
app.kubernetes.io/instance: {{ .root.Release.Name }}
component: {{ .component }}
{{- with .slot }}
slot: {{ . }}
{{- end }}
{{- end -}}

{{/* frontend: what people's browsers and programs reach. database: what keeps data. backend: the rest. */}}
{{- define "stoa.tier" -}}
{{- if has . (list "storefront" "gateway" "admin") -}}
frontend
{{- else if has . (list "postgres" "redis") -}}
database
{{- else -}}
backend
{{- end -}}
{{- end -}}

{{/* A label holds 63 letters, digits, dots, dashes and underscores. */}}
{{- define "stoa.labelVersion" -}}
{{- toString . | replace "+" "_" | trunc 63 | trimSuffix "-" | trimSuffix "." | trimSuffix "_" -}}
{{- end -}}
