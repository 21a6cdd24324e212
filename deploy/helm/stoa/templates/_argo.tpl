{{/* Argo Rollouts: the same pods, steps and limits as objects of its own. */}}

{{/* The slot that stands for all pods of a service, as JSON. */}}
{{- define "stoa.argoSlot" -}}
{{- $service := .service -}}
{{- $replicas := int $service.replicas -}}
{{- if $service.autoscaling.enabled -}}
{{- $live := lookup "argoproj.io/v1alpha1" "Rollout" (include "stoa.namespace" .root) $service.workload -}}
{{- if $live -}}
{{- $running := int $live.spec.replicas -}}
{{- if gt $running 0 -}}
{{- $replicas = $running -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- dict "name" "" "tag" $service.image.tag "digest" $service.image.digest "replicas" $replicas | toJson -}}
{{- end -}}

{{/* `strategy` of a Rollout. */}}
{{- define "stoa.argoStrategy" -}}
{{- $service := .service -}}
{{- if eq $service.rollout.strategy "blueGreen" -}}
blueGreen:
  activeService: {{ $service.service.name }}
  previewService: {{ $service.workload }}-preview
  autoPromotionEnabled: true
  scaleDownDelaySeconds: {{ .root.Values.rollouts.scaleDownDelaySeconds }}
  prePromotionAnalysis:
    {{- include "stoa.argoAnalysis" (dict "templates" (list "scraped")) | nindent 4 }}
  postPromotionAnalysis:
    {{- include "stoa.argoAnalysis" (dict "templates" (list "errors")) | nindent 4 }}
{{- else -}}
{{- $router := include "stoa.router" . -}}
canary:
  stableService: {{ $service.workload }}-stable
  canaryService: {{ $service.workload }}-canary
  maxSurge: {{ $service.rollout.maxSurge }}
  maxUnavailable: {{ $service.rollout.maxUnavailable }}
  {{- if ne $router "none" }}
  # The pods of both versions follow the weights: 3 and 1, 2 and 2, 0 and 3.
  dynamicStableScale: true
  trafficRouting:
    {{- if eq $router "nginx" }}
    nginx:
      stableIngress: shop
    {{- else }}
    plugins:
      argoproj-labs/gatewayAPI:
        httpRoute: shop
        namespace: {{ include "stoa.namespace" .root }}
    {{- end }}
  {{- end }}
  steps:
    {{- range list 10 50 }}
    - setWeight: {{ . }}
    - analysis:
        {{- include "stoa.argoAnalysis" (dict "templates" (list "errors" "slowness")) | nindent 8 }}
    {{- end }}
{{- end -}}
{{- end -}}

{{- define "stoa.argoAnalysis" -}}
templates:
  {{- range .templates }}
  - templateName: rollout-{{ . }}
  {{- end }}
args:
  - name: new
    valueFrom: { podTemplateHashValue: Latest }
  - name: old
    valueFrom: { podTemplateHashValue: Stable }
{{- end -}}

{{/*
An AnalysisTemplate. Where there is nothing to measure, no condition holds: the rollout waits for a person, and is not promoted.
  include "stoa.argoTemplate" (dict "root" $ "name" "errors" "query" "…" "good" "result[0] <= 0.05" "bad" "result[0] > 0.05")
*/}}
{{- define "stoa.argoTemplate" -}}
{{- $analysis := .root.Values.rollouts.analysis -}}
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata:
  name: rollout-{{ .name }}
  namespace: {{ include "stoa.namespace" .root }}
  labels:
    {{- include "stoa.labels" (dict "root" .root "component" "rollouts") | nindent 4 }}
spec:
  args:
    - name: new
    - name: old
  metrics:
    - name: {{ .name }}
      initialDelay: {{ $analysis.intervalSeconds }}s
      interval: {{ $analysis.intervalSeconds }}s
      count: {{ $analysis.count }}
      failureLimit: 1
      inconclusiveLimit: {{ $analysis.count }}
      successCondition: len(result) > 0 && {{ .good }}
      failureCondition: len(result) > 0 && {{ .bad }}
      provider:
        prometheus:
          address: {{ $analysis.prometheus | default .root.Values.monitoring.prometheus.url | required "Argo Rollouts judges by Prometheus: set rollouts.analysis.prometheus or monitoring.prometheus.url." | quote }}
          query: |
            {{- .query | trim | nindent 12 }}
{{- end -}}

{{/* Requests of the pods of one version that people made: `version` is new or old. */}}
{{- define "stoa.argoRate" -}}
rate(http_server_request_duration_seconds_{{ .part }}{namespace="{{ include "stoa.namespace" .root }}",pod=~".*-{{ printf "{{args.%s}}" .version }}-.*",http_route!~"/health|/ready|/status/200|/metrics"{{ .more }}}[1m])
{{- end -}}
