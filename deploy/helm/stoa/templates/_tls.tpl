{{/* Certificates of the services among each other: what a pod gets of them. Empty while gRPC is plain. */}}

{{/* Where a pod's own certificate is mounted. */}}
{{- define "stoa.tlsFolder" -}}
/tls
{{- end -}}

{{- define "stoa.tlsEnv" -}}
{{- $tls := .root.Values.tls -}}
{{- $folder := include "stoa.tlsFolder" . -}}
{{- if $tls.enabled }}
- name: GRPC_TLS
  value: {{ $tls.mode | quote }}
- name: GRPC_TLS_CERT
  value: {{ $folder }}/tls.crt
- name: GRPC_TLS_KEY
  value: {{ $folder }}/tls.key
- name: GRPC_TLS_CA
  value: {{ $folder }}/ca.crt
{{- if and $tls.http .service.facts.ports.http }}
- name: HTTP_TLS
  value: "on"
- name: HTTP_TLS_CERT
  value: {{ $folder }}/tls.crt
- name: HTTP_TLS_KEY
  value: {{ $folder }}/tls.key
- name: HTTP_TLS_CA
  value: {{ $folder }}/ca.crt
{{- end }}
{{- end }}
{{- end -}}

{{- define "stoa.tlsMounts" -}}
{{- if .root.Values.tls.enabled }}
- name: tls
  mountPath: {{ include "stoa.tlsFolder" . }}
  readOnly: true
{{- end }}
{{- end -}}

{{- define "stoa.tlsVolumes" -}}
{{- if .root.Values.tls.enabled }}
- name: tls
  secret:
    secretName: {{ .service.workload }}-tls
    defaultMode: 0440
{{- end }}
{{- end -}}

{{/* The scheme that the HTTP port of a service is asked with. */}}
{{- define "stoa.httpScheme" -}}
{{- ternary "https" "http" (and .Values.tls.enabled .Values.tls.http) -}}
{{- end -}}

{{/* What a port of a container speaks, for meshes and Gateways that would guess else. */}}
{{- define "stoa.appProtocol" -}}
{{- if eq (toString .port) "grpc" -}}
grpc
{{- else if eq (toString .port) "http" -}}
{{- include "stoa.httpScheme" .root -}}
{{- else -}}
http
{{- end -}}
{{- end -}}

{{/*
Every name that a service is dialled by, as JSON: each of its Services, short and long.
  include "stoa.dnsNames" (dict "root" $ "service" $service) | fromJsonArray
*/}}
{{- define "stoa.dnsNames" -}}
{{- $namespace := include "stoa.namespace" .root -}}
{{- $services := list .service.name .service.service.name -}}
{{- if include "stoa.watchers" .root | fromJsonArray -}}
{{- $services = append $services (printf "%s-processes" .service.name) -}}
{{- end -}}
{{- range .service.aliases -}}
{{- $services = append $services .name -}}
{{- end -}}
{{- range index (dict "rolling" list "blueGreen" (list "preview") "canary" (list "v1" "v2")) .service.rollout.strategy -}}
{{- $services = append $services (printf "%s-%s" $.service.workload .) -}}
{{- end -}}
{{- $names := list "localhost" -}}
{{- range uniq $services -}}
{{- $names = concat $names (list . (printf "%s.%s" . $namespace) (printf "%s.%s.svc" . $namespace) (printf "%s.%s.svc.%s" . $namespace $.root.Values.tls.clusterDomain)) -}}
{{- end -}}
{{- $names | toJson -}}
{{- end -}}
