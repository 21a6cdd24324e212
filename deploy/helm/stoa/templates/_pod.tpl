{{/* The pod of a service: the same for every service and every way to roll it out. */}}

{{/* include "stoa.pod" (dict "root" $ "service" $service "slot" $slot) */}}
{{- define "stoa.pod" -}}
{{- $root := .root -}}
{{- $service := .service -}}
{{- $slot := .slot -}}
metadata:
  labels:
    {{- include "stoa.labels" (dict "root" $root "component" $service.name "version" $slot.tag "slot" $slot.name "pod" true) | nindent 4 }}
    {{- with include "stoa.meshLabels" . | trim }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- with $service.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    {{- include "stoa.podAnnotations" . | nindent 4 }}
spec:
  serviceAccountName: {{ $service.workload }}
  automountServiceAccountToken: false
  # Kubernetes would put CART_PORT=tcp://… beside the settings of the same name.
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ $service.terminationGracePeriodSeconds }}
  {{- with include "stoa.pullSecrets" $root | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  securityContext:
    {{- include "stoa.podSecurity" . | nindent 4 }}
  {{- with include "stoa.placement" . | trim }}
  {{- . | nindent 2 }}
  {{- end }}
  containers:
    - name: {{ $service.name }}
      image: {{ include "stoa.image" (dict "root" $root "name" $service.name "own" $service.image "slot" $slot) }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      args: {{ $service.facts.command | default (list "serve" $service.name) | toJson }}
      ports:
        {{- range $port, $number := $service.facts.ports }}
        - name: {{ $port }}
          containerPort: {{ $number }}
        {{- end }}
      env:
        {{- include "stoa.env" . | trim | nindent 8 }}
      {{- include "stoa.probes" (dict "root" $root "service" $service) | trim | nindent 6 }}
      resources:
        {{- toYaml $service.resources | nindent 8 }}
      securityContext:
        {{- include "stoa.containerSecurity" . | nindent 8 }}
      volumeMounts:
        - name: tmp
          mountPath: /tmp
        - name: flags
          mountPath: /config/flags
          readOnly: true
        {{- with include "stoa.tlsMounts" . | trim }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- with include "stoa.signingKeysMounts" . | trim }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- if or $service.facts.database (eq $service.name "backend") }}
        {{- with include "stoa.databaseCaMounts" $root | trim }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- end }}
        {{- with $service.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: tmp
      emptyDir:
        medium: Memory
        sizeLimit: 16Mi
    - name: flags
      configMap:
        name: feature-flags
    {{- with include "stoa.tlsVolumes" . | trim }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- with include "stoa.signingKeysVolumes" . | trim }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- if or $service.facts.database (eq $service.name "backend") }}
    {{- with include "stoa.databaseCaVolumes" $root | trim }}
    {{- . | nindent 4 }}
    {{- end }}
    {{- end }}
    {{- with $service.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{/* A pod is made anew when what it read at its start changes. Flags are read again without that. */}}
{{- define "stoa.podAnnotations" -}}
checksum/config: {{ include "stoa.serviceConfig" .root | fromYaml | toJson | sha256sum }}
checksum/secrets: {{ .root.Values.secrets | toJson | sha256sum }}
{{- with include "stoa.meshAnnotations" . | trim }}
{{ . }}
{{- end }}
{{- with .service.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Pod Security "restricted", for the pod and for its container. */}}
{{- define "stoa.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1001
runAsGroup: 1001
fsGroup: 1001
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "stoa.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{/* Startup, liveness and readiness: `port` is the name of a port of the container, the rest are Kubernetes' own fields. */}}
{{- define "stoa.probes" -}}
{{- $root := .root -}}
{{- range $kind, $probe := .service.probes }}
{{- if $probe }}
{{ $kind }}Probe:
  httpGet:
    path: {{ $probe.path }}
    port: {{ $probe.port }}
    {{- if and (eq (toString $probe.port) "http") (eq (include "stoa.httpScheme" $root) "https") }}
    scheme: HTTPS
    {{- end }}
  {{- toYaml (omit $probe "path" "port") | nindent 2 }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Where pods run: apart from each other if it can be had, and what others may wait for on nodes that may go at any time. */}}
{{- define "stoa.placement" -}}
{{- $root := .root -}}
{{- $service := .service -}}
{{- $isOnSpot := and $root.Values.spot.enabled (not $service.isCritical) -}}
{{- $selector := dict "root" $root "component" $service.name -}}
{{- $nodes := $service.nodeSelector -}}
{{- $tolerations := $service.tolerations -}}
{{- if $isOnSpot -}}
{{- $nodes = mergeOverwrite (deepCopy $root.Values.spot.nodeSelector) $nodes -}}
{{- $tolerations = concat $root.Values.spot.tolerations $tolerations -}}
{{- end -}}
{{- with $service.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $nodes }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- if $service.spread.zones }}
topologySpreadConstraints:
  - topologyKey: topology.kubernetes.io/zone
    maxSkew: 1
    whenUnsatisfiable: {{ $service.spread.zones }}
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels:
        {{- include "stoa.selector" $selector | nindent 8 }}
{{- end }}
{{- if $service.spread.hosts }}
affinity:
  podAntiAffinity:
    {{- if eq $service.spread.hosts "required" }}
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            {{- include "stoa.selector" $selector | nindent 12 }}
    {{- else }}
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels:
              {{- include "stoa.selector" $selector | nindent 14 }}
    {{- end }}
{{- end }}
{{- end -}}
