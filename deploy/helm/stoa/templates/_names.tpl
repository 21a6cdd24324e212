{{/* Names: where things are, what they are called, which image they run. */}}

{{/* What the program says of its services: deploy/services.json, copied by `npm run gen`. As JSON. */}}
{{- define "stoa.facts" -}}
{{- .Files.Get "files/services.json" -}}
{{- end -}}

{{/* The namespace of every object. */}}
{{- define "stoa.namespace" -}}
{{- .Values.namespace | default .Release.Namespace -}}
{{- end -}}

{{/* The version that is installed where nothing else is said. */}}
{{- define "stoa.version" -}}
{{- .Values.image.tag | default .Chart.AppVersion -}}
{{- end -}}

{{/*
The image of a program, pinned by its digest where one is given, else by its tag.
  include "stoa.image" (dict "root" $ "name" "tools")
  include "stoa.image" (dict "root" $ "name" "catalog" "own" $service.image "slot" $slot)
`own` (repository, tag, digest) goes before the values for all, and `slot` (tag, digest) before both.
*/}}
{{- define "stoa.image" -}}
{{- $image := .root.Values.image -}}
{{- $own := .own | default dict -}}
{{- $slot := .slot | default dict -}}
{{- $repository := $own.repository | default (printf "%s%s" $image.prefix .name) -}}
{{- if $image.registry -}}
{{- $repository = printf "%s/%s" (trimSuffix "/" $image.registry) $repository -}}
{{- end -}}
{{- $tag := $own.tag | default (include "stoa.version" .root) -}}
{{- $digest := $own.digest | default (ternary "" $image.digest (not (empty $own.tag))) -}}
{{- if or $slot.tag $slot.digest -}}
{{- $tag = $slot.tag | default $tag -}}
{{- $digest = $slot.digest | default "" -}}
{{- end -}}
{{- if eq (toString $tag) "latest" -}}
{{- fail (printf "The image of %s has the tag latest, which says nothing of what runs. Name a version, or a digest." .name) -}}
{{- end -}}
{{- if $digest -}}
{{- printf "%s@%s" $repository $digest -}}
{{- else -}}
{{- printf "%s:%s" $repository (toString $tag) -}}
{{- end -}}
{{- end -}}

{{/* The names of the secrets that the kubelet shows to a registry, as a list below a pod's spec. */}}
{{- define "stoa.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}
