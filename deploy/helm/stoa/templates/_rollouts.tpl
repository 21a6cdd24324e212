{{/* Slots: the Deployments of a service. Rolling has one without a name; blueGreen has blue and green; canary has v1 and v2. */}}

{{/*
The slots of a service, as JSON: name, deployment, replicas, tag, digest, weight, active.
  range $slot := include "stoa.slots" (dict "root" $ "name" $name) | fromJsonArray
*/}}
{{- define "stoa.slots" -}}
{{- $service := include "stoa.service" . | fromYaml -}}
{{- $rollout := $service.rollout -}}
{{- $names := dict "blueGreen" (list "blue" "green") "canary" (list "v1" "v2") -}}
{{- $slots := list -}}
{{- if eq $rollout.strategy "rolling" -}}
{{- $slots = list (dict "name" "" "deployment" $service.workload "replicas" $service.replicas "active" true) -}}
{{- else -}}
{{- $active := $rollout.active | default (first (index $names $rollout.strategy)) -}}
{{- range $name := index $names $rollout.strategy -}}
{{- $own := index $rollout $name | default dict -}}
{{- $isActive := eq $name $active -}}
{{- $replicas := ternary $service.replicas 0 $isActive -}}
{{- if hasKey $own "replicas" -}}
{{- $replicas = $own.replicas -}}
{{- end -}}
{{- $slots = append $slots (dict
      "name" $name
      "deployment" (printf "%s-%s" $service.workload $name)
      "replicas" $replicas
      "tag" ($own.tag | default "")
      "digest" ($own.digest | default "")
      "weight" ($own.weight | default (ternary 100 0 $isActive))
      "active" $isActive) -}}
{{- end -}}
{{- end -}}
{{- $slots | toJson -}}
{{- end -}}

{{/* The name of the slot that the main Service selects: the active colour; empty for all pods of the service. */}}
{{- define "stoa.servedSlot" -}}
{{- $service := include "stoa.service" . | fromYaml -}}
{{- if eq $service.rollout.strategy "blueGreen" -}}
{{- $service.rollout.active | default "blue" -}}
{{- end -}}
{{- end -}}
