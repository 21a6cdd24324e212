{{/* Where a service's data are, as environment variables. Every entry names one key of one secret. */}}

{{/*
The name of a secret: `secrets.<secret>.existing`, else the chart's own.
  include "stoa.secretName" (dict "root" $ "secret" "keys")
*/}}
{{- define "stoa.secretName" -}}
{{- $names := dict "keys" "stoa-keys" "databases" "stoa-databases" "postgres" "stoa-postgres" "redis" "stoa-redis" "rabbitmq" "stoa-rabbitmq" "admin" "stoa-admin" "apiKeys" "api-keys" -}}
{{- $own := index .root.Values.secrets .secret | default dict -}}
{{- $own.existing | default (index $names .secret) -}}
{{- end -}}

{{/* One entry of `env` that comes from a secret: (dict "root" $ "env" "SERVICE_KEY" "secret" "keys" "key" "service-key"). */}}
{{- define "stoa.secretEnv" -}}
- name: {{ .env }}
  valueFrom:
    secretKeyRef:
      name: {{ include "stoa.secretName" . }}
      key: {{ .key }}
{{- end -}}

{{/* The database of a service. In topology "tiers" all share the one of the chart, each in a schema of its own. */}}
{{- define "stoa.databaseEnv" -}}
{{- $root := .root -}}
{{- $service := .service -}}
{{- if eq $service.name "backend" }}
- name: DATABASE_HOST
  valueFrom:
    configMapKeyRef:
      name: service-config
      key: DATABASE_HOST
- name: DATABASE_PORT
  valueFrom:
    configMapKeyRef:
      name: service-config
      key: DATABASE_PORT
{{- range $key := list "POSTGRES_USER" "POSTGRES_PASSWORD" "POSTGRES_DB" }}
{{ include "stoa.secretEnv" (dict "root" $root "env" $key "secret" "postgres" "key" $key) }}
{{- end }}
{{- else if $service.facts.database }}
{{ include "stoa.secretEnv" (dict "root" $root "env" (printf "%s_DATABASE_URL" (upper $service.name)) "secret" "databases" "key" (printf "%s-database-url" $service.name)) }}
{{- end }}
{{- if or (eq $service.name "backend") $service.facts.database }}
- name: DATABASE_SSLMODE
  value: {{ include "stoa.databaseSslMode" $root }}
- name: DATABASE_POOL_MAX
  value: {{ $service.databasePoolMax | quote }}
- name: REPLICAS
  value: {{ include "stoa.replicasMax" (dict "service" $service) | quote }}
{{- include "stoa.databaseCaEnv" $root }}
{{- end }}
{{- end -}}

{{/* The keys that sign tokens, as a file of who keeps accounts: it is read again, so that an exchange needs no restart. */}}
{{- define "stoa.signsWithFile" -}}
{{- if and .root.Values.secrets.keys.signing (has .service.name (list "user" "backend")) -}}
true
{{- end -}}
{{- end -}}

{{- define "stoa.signingKeysEnv" -}}
{{- if include "stoa.signsWithFile" . }}
- name: USER_SIGNING_KEYS_FILE
  value: /config/signing/signing-keys
{{- end }}
{{- end -}}

{{- define "stoa.signingKeysMounts" -}}
{{- if include "stoa.signsWithFile" . }}
- name: signing-keys
  mountPath: /config/signing
  readOnly: true
{{- end }}
{{- end -}}

{{- define "stoa.signingKeysVolumes" -}}
{{- if include "stoa.signsWithFile" . }}
- name: signing-keys
  secret:
    secretName: {{ include "stoa.secretName" (dict "root" .root "secret" "keys") }}
    defaultMode: 0440
    items:
      - key: signing-keys
        path: signing-keys
{{- end }}
{{- end -}}

{{/* PostgreSQL inside has no certificate, and only the policies' pods reach it; one outside is verified unless a value says otherwise. */}}
{{- define "stoa.databaseSslMode" -}}
{{- if .Values.postgres.enabled -}}
disable
{{- else -}}
{{- .Values.externalDatabases.sslMode | default "verify-full" -}}
{{- end -}}
{{- end -}}

{{/* A store of the chart's own, or one outside whose Secret somebody brings. */}}
{{- define "stoa.hasStore" -}}
{{- $secrets := .root.Values.secrets -}}
{{- $own := index $secrets .store -}}
{{- if or (index .root.Values .store).enabled $own.existing (and $secrets.external.enabled $own.remoteKey) -}}
true
{{- end -}}
{{- end -}}

{{/* Redis and the broker of events, where a value turns them on. */}}
{{- define "stoa.storesEnv" -}}
{{- $root := .root -}}
{{- $service := .service -}}
{{- if include "stoa.hasStore" (dict "root" $root "store" "redis") }}
{{ include "stoa.secretEnv" (dict "root" $root "env" "REDIS_URL" "secret" "redis" "key" "url") }}
{{- if and (has $service.name (list "cart" "backend")) .root.Values.redis.carts }}
{{ include "stoa.secretEnv" (dict "root" $root "env" "CART_REDIS_URL" "secret" "redis" "key" "url") }}
{{- end }}
{{- end }}
{{- if and (include "stoa.hasStore" (dict "root" $root "store" "rabbitmq")) (or (eq $service.name "backend") (has "EVENTS_URL" $service.facts.secrets)) }}
{{ include "stoa.secretEnv" (dict "root" $root "env" "EVENTS_URL" "secret" "rabbitmq" "key" "url") }}
{{- end }}
{{- end -}}

{{/* Where PostgreSQL answers, for those who are told host and port. */}}
{{- define "stoa.databaseHost" -}}
{{- ternary "postgres-service" .Values.externalDatabases.host .Values.postgres.enabled -}}
{{- end -}}

{{- define "stoa.databasePort" -}}
{{- ternary 5432 (int (.Values.externalDatabases.port | default 5432)) .Values.postgres.enabled -}}
{{- end -}}
