{{/* The content of the ConfigMaps, so that a pod's checksum and the object itself are made of the same text. */}}

{{/* service-config: where everybody is, and what all of them agree on. */}}
{{- define "stoa.serviceConfig" -}}
{{- $root := . -}}
SHOP_URL: {{ .Values.shop.url | quote }}
SHOP_NAME: {{ .Values.shop.name | quote }}
SHOP_CURRENCY: {{ .Values.shop.currency | quote }}
SHOP_COUNTRY: {{ .Values.shop.country | quote }}
SHOP_LOCALE: {{ .Values.shop.locale | quote }}
SHOP_SUPPORT_EMAIL: {{ .Values.shop.supportEmail | quote }}
{{- if eq .Values.topology "tiers" }}
{{- $backend := include "stoa.service" (dict "root" $root "name" "backend") | fromJson }}
{{- $backendUrl := printf "%s://%s:%v" (include "stoa.httpScheme" $root) $backend.service.name $backend.facts.ports.http }}
GATEWAY_URL: {{ $backendUrl }}
BACKEND_URL: {{ $backendUrl }}
DATABASE_HOST: {{ include "stoa.databaseHost" . | quote }}
DATABASE_PORT: {{ include "stoa.databasePort" . | quote }}
{{- else }}
{{- range (include "stoa.facts" . | fromJson).services }}
{{ upper .name | replace "-" "_" }}_URL: {{ include "stoa.url" (dict "root" $root "name" .name) }}
{{- end }}
{{- range $key, $name := dict "PRODUCT_SERVICE" "catalog" "USER_SERVICE" "user" "ORDER_SERVICE" "order" "CART_SERVICE" "cart" }}
{{- $service := include "stoa.service" (dict "root" $root "name" $name) | fromJson }}
SERVICE_URLS.{{ $key }}: http://{{ $service.service.name }}:{{ $service.facts.ports.operations }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Where the others find a service: gRPC at every pod behind its headless Service, HTTP at its main Service. */}}
{{- define "stoa.url" -}}
{{- $service := include "stoa.service" . | fromJson -}}
{{- with $service.facts.ports.grpc -}}
dns:///{{ $service.name }}:{{ . }}
{{- else -}}
{{ include "stoa.httpScheme" .root }}://{{ $service.service.name }}:{{ (first $service.service.ports).port }}
{{- end -}}
{{- end -}}

{{/* features.yaml: what the program reads again within ten seconds of a change. */}}
{{- define "stoa.features" -}}
{{- range $name, $isOn := .Values.flags }}
{{ $name }}: {{ $isOn | quote }}
{{- end }}
{{- end -}}

{{/* Where programs inside the cluster enter the shop: the gateway, or with topology "tiers" the storefront, the only door there. */}}
{{- define "stoa.door" -}}
{{- $door := ternary "storefront" "gateway" (eq .Values.topology "tiers") -}}
{{- include "stoa.url" (dict "root" . "name" $door) -}}
{{- end -}}
