{{/* The environment of a program: explicit keys only, so that nothing with another meaning slips in. */}}

{{/*
All of it: what the chart knows, and over it `settings` (for all), `defaults.env` and `services.<name>.env`. No name comes twice.
  include "stoa.env" (dict "root" $ "service" $service)
*/}}
{{- define "stoa.env" -}}
{{- $said := mergeOverwrite (deepCopy .root.Values.settings) (deepCopy .service.env) -}}
{{- range include "stoa.knownEnv" . | fromYamlArray }}
{{- if not (hasKey $said .name) }}
{{ list . | toYaml }}
{{- end }}
{{- end }}
{{- range $name, $value := $said }}
- name: {{ $name }}
{{- if kindIs "map" $value }}
  {{- toYaml $value | nindent 2 }}
{{- else }}
  value: {{ include "stoa.text" $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* What the chart knows of a service: its neighbours, its data, what the shop agrees on, how it ends. */}}
{{- define "stoa.knownEnv" -}}
{{- $root := .root -}}
{{- $service := .service -}}
{{- range $key := list "SHOP_URL" "SHOP_NAME" "SHOP_CURRENCY" "SHOP_COUNTRY" "SHOP_LOCALE" "SHOP_SUPPORT_EMAIL" }}
{{ include "stoa.configEnv" $key }}
{{- end }}
{{- range $service.facts.connections }}
{{ include "stoa.configEnv" (printf "%s_URL" (upper .to | replace "-" "_")) }}
{{- end }}
{{ include "stoa.secretEnv" (dict "root" $root "env" "SERVICE_KEY" "secret" "keys" "key" "service-key") }}
{{- include "stoa.databaseEnv" . }}
{{- include "stoa.storesEnv" . }}
{{- include "stoa.ownSecretsEnv" . }}
{{- include "stoa.signingKeysEnv" . }}
- name: DRAIN_DELAY_SECONDS
  value: {{ $service.drain.delaySeconds | quote }}
- name: DRAIN_SECONDS
  value: {{ $service.drain.seconds | quote }}
- name: FLAGS_FILE
  value: /config/flags/features.yaml
{{- with $root.Values.monitoring.tracing.endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- if has $service.name (list "catalog" "backend") }}
- name: CATALOG_DEMO
  value: {{ $root.Values.shop.demo | quote }}
- name: FILES_PROVIDER
  value: database
{{- end }}
{{- if has $service.name (list "ad" "backend") }}
- name: AD_DEMO
  value: {{ $root.Values.shop.demo | quote }}
{{- end }}
{{- if has $service.name (list "payment" "backend") }}
- name: PAYMENT_PROVIDER
  value: {{ $root.Values.shop.paymentProvider | quote }}
{{- end }}
{{- if eq $root.Values.topology "tiers" }}
{{- if eq $service.name "storefront" }}
- name: STOREFRONT_FRONTS_API
  value: "on"
{{- else }}
- name: PORT
  value: {{ $service.facts.ports.http | quote }}
{{- end }}
{{- end }}
{{- include "stoa.tlsEnv" . }}
{{- include "stoa.edgeEnv" . }}
{{- include "stoa.watchEnv" . }}
{{- end -}}

{{/* The first admin for who keeps accounts, and the keys of machine callers and providers for whoever knows such a setting. */}}
{{- define "stoa.ownSecretsEnv" -}}
{{- $root := .root -}}
{{- $service := .service -}}
{{- if has $service.name (list "user" "backend") }}
{{ include "stoa.secretEnv" (dict "root" $root "env" "ADMIN_EMAIL" "secret" "admin" "key" "email") }}
{{ include "stoa.secretEnv" (dict "root" $root "env" "ADMIN_PASSWORD" "secret" "admin" "key" "password") }}
{{- end }}
{{- range $key := list "PRODUCT_API_KEY" "ORDER_API_KEY" "PAYMENT_API_KEY" }}
{{- if has $key $service.facts.secrets }}
{{ include "stoa.secretEnv" (dict "root" $root "env" $key "secret" "apiKeys" "key" $key) }}
{{- end }}
{{- end }}
{{- end -}}

{{/* One entry of `env` that comes from the ConfigMap service-config, under the same name. */}}
{{- define "stoa.configEnv" -}}
- name: {{ . }}
  valueFrom:
    configMapKeyRef:
      name: service-config
      key: {{ . }}
{{- end -}}

{{/* A value of YAML as the text that a program reads: 1048576, not 1.048576e+06. */}}
{{- define "stoa.text" -}}
{{- if kindIs "float64" . -}}
{{- if eq (floor .) . -}}
{{- int64 . -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end -}}
