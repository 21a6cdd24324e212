{{/* Slots: the Deployments of a service. Rolling has one without a name; blueGreen has blue and green; canary has v1 and v2. */}}

{{/*
The slots of a service, as JSON: name, deployment, replicas, tag, digest, weight (percent of the traffic), active: whether it carries
the service alone, so that an autoscaler may decide how many pods it has. In a canary under way no slot does: the counts are the plan's.
  range $slot := include "stoa.slots" (dict "root" $ "name" $name) | fromJsonArray
*/}}
{{- define "stoa.slots" -}}
{{- $service := include "stoa.service" . | fromJson -}}
{{- $rollout := $service.rollout -}}
{{- $slots := list -}}
{{- if eq $rollout.strategy "rolling" -}}
{{- $slots = list (dict
      "name" ""
      "deployment" $service.workload
      "replicas" $service.replicas
      "tag" $service.image.tag
      "digest" $service.image.digest
      "weight" 100
      "active" true) -}}
{{- else -}}
{{- $active := include "stoa.activeSlot" $rollout -}}
{{- $isShared := and (eq $rollout.strategy "canary") (not (empty $rollout.to)) -}}
{{- range $name := include "stoa.slotNames" $rollout | fromJsonArray -}}
{{- $own := index $rollout $name | default dict -}}
{{- $isActive := eq $name $active -}}
{{- $slots = append $slots (dict
      "name" $name
      "deployment" (printf "%s-%s" $service.workload $name)
      "replicas" (include "stoa.numberOr" (list $own.replicas (ternary $service.replicas 0 $isActive)) | int)
      "tag" ($own.tag | default "")
      "digest" ($own.digest | default "")
      "weight" (include "stoa.numberOr" (list $own.weight (ternary 100 0 $isActive)) | int)
      "active" (and $isActive (not $isShared))) -}}
{{- end -}}
{{- end -}}
{{- $slots | toJson -}}
{{- end -}}

{{/* The names of the slots of a strategy, as JSON. */}}
{{- define "stoa.slotNames" -}}
{{- index (dict "rolling" (list "") "blueGreen" (list "blue" "green") "canary" (list "v1" "v2")) .strategy | toJson -}}
{{- end -}}

{{/* The slot that is trusted. */}}
{{- define "stoa.activeSlot" -}}
{{- $names := include "stoa.slotNames" . | fromJsonArray -}}
{{- $active := .active | default (first $names) -}}
{{- if not (has $active $names) -}}
{{- fail (printf "rollout.active is %s, but the slots of %s are %s." $active .strategy (join " and " $names)) -}}
{{- end -}}
{{- $active -}}
{{- end -}}

{{/* A number where one is said; nothing and "" say none. */}}
{{- define "stoa.numberOr" -}}
{{- $said := index . 0 -}}
{{- if or (kindIs "invalid" $said) (eq (toString $said) "") -}}
{{- int (index . 1) -}}
{{- else -}}
{{- int $said -}}
{{- end -}}
{{- end -}}

{{/* Whether the service is an object of Argo Rollouts: a rolling update is a Deployment's own, whatever the engine. */}}
{{- define "stoa.isArgo" -}}
{{- if and (eq .rollout.engine "argo") (ne .rollout.strategy "rolling") -}}true{{- end -}}
{{- end -}}

{{/* The name of the slot that the main Service selects: the active colour; empty for all pods of the service. */}}
{{- define "stoa.servedSlot" -}}
{{- $service := include "stoa.service" . | fromJson -}}
{{- if and (eq $service.rollout.strategy "blueGreen") (not (include "stoa.isArgo" $service)) -}}
{{- include "stoa.activeSlot" $service.rollout -}}
{{- end -}}
{{- end -}}

{{/*
Who divides the traffic of a canary: gatewayApi, nginx, or none, where the pods of both slots share it by their number.
  include "stoa.router" (dict "root" $ "service" $service)
*/}}
{{- define "stoa.router" -}}
{{- $values := .root.Values -}}
{{- $router := .service.rollout.router -}}
{{- if eq $router "auto" -}}
{{- $router = "none" -}}
{{- if and $values.ingress.enabled (eq $values.ingress.controller "nginx") -}}
{{- $router = "nginx" -}}
{{- end -}}
{{- if $values.gatewayApi.enabled -}}
{{- $router = "gatewayApi" -}}
{{- end -}}
{{- end -}}
{{- $router -}}
{{- end -}}

{{/*
Services behind a path with their weights, as JSON: name, port, weight. One, unless a canary shares the path; the trusted slot comes first.
  range include "stoa.routeBackends" (dict "root" $ "service" "storefront") | fromJsonArray
*/}}
{{- define "stoa.routeBackends" -}}
{{- $root := .root -}}
{{- $name := .service -}}
{{- $service := include "stoa.service" (dict "root" $root "name" $name) | fromJson -}}
{{- $port := int (first $service.service.ports).port -}}
{{- $router := include "stoa.router" (dict "root" $root "service" $service) -}}
{{- $backends := list -}}
{{- if and (eq $service.rollout.strategy "canary") (ne $router "none") -}}
{{- if include "stoa.isArgo" $service -}}
{{- $backends = list (dict "name" (printf "%s-stable" $service.workload) "port" $port "weight" 100) -}}
{{- if eq $router "gatewayApi" -}}
{{- $backends = append $backends (dict "name" (printf "%s-canary" $service.workload) "port" $port "weight" 0) -}}
{{- end -}}
{{- else -}}
{{- $active := include "stoa.activeSlot" $service.rollout -}}
{{- $others := list -}}
{{- range $slot := include "stoa.slots" (dict "root" $root "name" $name) | fromJsonArray -}}
{{- $backend := dict "name" $slot.deployment "port" $port "weight" (int $slot.weight) -}}
{{- if eq $slot.name $active -}}
{{- $backends = append $backends $backend -}}
{{- else if gt (int $slot.weight) 0 -}}
{{- $others = append $others $backend -}}
{{- end -}}
{{- end -}}
{{- $backends = concat $backends $others -}}
{{- end -}}
{{- else -}}
{{- $backends = list (dict "name" $service.service.name "port" $port "weight" 100) -}}
{{- end -}}
{{- $backends | toJson -}}
{{- end -}}

{{/*
A Service for some of the pods of a service, on all of its ports.
  include "stoa.slotService" (dict "root" $ "service" $service "name" "gateway-preview" "slot" "green")
*/}}
{{- define "stoa.slotService" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .name }}
  namespace: {{ include "stoa.namespace" .root }}
  labels:
    {{- include "stoa.labels" (dict "root" .root "component" .service.name "slot" .slot) | nindent 4 }}
spec:
  type: ClusterIP
  selector:
    {{- include "stoa.selector" (dict "root" .root "component" .service.name "slot" .slot) | nindent 4 }}
  ports:
    {{- $root := .root }}
    {{- range .service.service.ports }}
    - name: {{ .name }}
      port: {{ .port }}
      targetPort: {{ .targetPort }}
      appProtocol: {{ include "stoa.appProtocol" (dict "root" $root "port" .targetPort) }}
    {{- end }}
{{- end -}}
