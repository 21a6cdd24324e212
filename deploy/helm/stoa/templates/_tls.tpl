{{/* Certificates of the services among each other: what a pod gets of them. Empty while gRPC is plain. */}}

{{- define "stoa.tlsEnv" -}}
{{- end -}}

{{- define "stoa.tlsMounts" -}}
{{- end -}}

{{- define "stoa.tlsVolumes" -}}
{{- end -}}
