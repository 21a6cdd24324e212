{{/* A service mesh in front of every service. Jobs and stores stay outside: a proxy would outlive the one and slow the other. */}}

{{/* Annotations of a service's pods: (dict "root" $ "service" $service). */}}
{{- define "stoa.meshAnnotations" -}}
{{- $mesh := .root.Values.mesh -}}
{{- if eq $mesh.type "linkerd" -}}
linkerd.io/inject: enabled
config.linkerd.io/skip-outbound-ports: "5432,6379,5672"
config.linkerd.io/proxy-await: enabled
{{- with $mesh.linkerd.annotations }}
{{ toYaml . }}
{{- end }}
{{- else if eq $mesh.type "istio" -}}
traffic.sidecar.istio.io/excludeOutboundPorts: "5432,6379,5672"
proxy.istio.io/config: '{"holdApplicationUntilProxyStarts": true}'
{{- with $mesh.istio.annotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* Labels of a service's pods. */}}
{{- define "stoa.meshLabels" -}}
{{- $mesh := .root.Values.mesh -}}
{{- if eq $mesh.type "istio" -}}
sidecar.istio.io/inject: "true"
{{- with $mesh.istio.revision }}
istio.io/rev: {{ . }}
{{- end }}
{{- end -}}
{{- end -}}

{{/* The namespace and ports of the mesh's control plane, which every proxy asks. */}}
{{- define "stoa.meshEgress" -}}
{{- $mesh := .Values.mesh -}}
{{- if ne $mesh.type "none" -}}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ index (dict "linkerd" "linkerd" "istio" "istio-system") $mesh.type }}
  ports:
    {{- include "stoa.tcp" (index (dict "linkerd" (list 8080 8086 8090) "istio" (list 15012)) $mesh.type) | trim | nindent 4 }}
{{- end -}}
{{- end -}}
