{{/* Where people and programs arrive: the same paths for an Ingress and for an HTTPRoute. */}}

{{/*
What is behind which paths, as JSON: service and paths. Programs go to the gateway, and the staff through it; everything else is pages.
In topology "tiers" the storefront is the only door.
*/}}
{{- define "stoa.routes" -}}
{{- $pages := dict "name" "pages" "service" "storefront" "paths" (list "/") -}}
{{- if eq .Values.topology "tiers" -}}
{{- list $pages | toJson -}}
{{- else -}}
{{- list
  (dict "name" "staff" "service" "gateway" "paths" (list "/admin"))
  (dict "name" "programs" "service" "gateway" "paths" (list "/api" "/docs" "/openapi.json" "/.well-known" "/files"))
  $pages | toJson -}}
{{- end -}}
{{- end -}}

{{/* Hosts that the shop answers under: those of the values, else the one of shop.url. As JSON. */}}
{{- define "stoa.hosts" -}}
{{- .hosts | default (list (urlParse .root.Values.shop.url).hostname) | toJson -}}
{{- end -}}

{{/* What the edges have to know of what stands before them. Empty where nothing does. */}}
{{- define "stoa.edgeEnv" -}}
{{- $values := .root.Values -}}
{{- $isBehind := or $values.ingress.enabled $values.gatewayApi.enabled -}}
{{- if and $isBehind (has .service.name (list "gateway" "storefront" "admin" "backend")) }}
{{- with $values.networkPolicy.trustedProxies }}
- name: TRUSTED_PROXIES
  value: {{ join "," . | quote }}
{{- end }}
{{- end }}
{{- if has .service.name (list "gateway" "storefront" "admin") }}
- name: {{ upper .service.name }}_HSTS_SECONDS
  value: {{ int $values.tls.hstsSeconds | quote }}
{{- end }}
{{- end -}}

{{/* Annotations of an Ingress: what ingress-nginx or Traefik is told, and over it the values'. `part` is shop or staff. */}}
{{- define "stoa.ingressAnnotations" -}}
{{- $ingress := .root.Values.ingress -}}
{{- $own := ternary $ingress.staff $ingress (eq .part "staff") -}}
{{- $ranges := $own.sourceRanges | default $ingress.sourceRanges -}}
{{- $told := dict -}}
{{- with $ingress.tls.clusterIssuer -}}
{{- $_ := set $told "cert-manager.io/cluster-issuer" . -}}
{{- end -}}
{{- with $ingress.tls.issuer -}}
{{- $_ := set $told "cert-manager.io/issuer" . -}}
{{- end -}}
{{- if eq $ingress.controller "nginx" -}}
{{- $nginx := "nginx.ingress.kubernetes.io" -}}
{{- $_ := set $told (printf "%s/proxy-body-size" $nginx) "2m" -}}
{{- $_ := set $told (printf "%s/proxy-read-timeout" $nginx) "75" -}}
{{- if $ingress.tls.enabled -}}
{{- $_ := set $told (printf "%s/force-ssl-redirect" $nginx) "true" -}}
{{- end -}}
{{- if and .root.Values.tls.enabled .root.Values.tls.http -}}
{{- $_ := set $told (printf "%s/backend-protocol" $nginx) "HTTPS" -}}
{{- end -}}
{{- if $ranges -}}
{{- $_ := set $told (printf "%s/whitelist-source-range" $nginx) (join "," $ranges) -}}
{{- end -}}
{{- with $ingress.rateLimit.requestsPerSecond -}}
{{- $_ := set $told (printf "%s/limit-rps" $nginx) (toString (int .)) -}}
{{- $_ := set $told (printf "%s/limit-burst-multiplier" $nginx) (toString (int $ingress.rateLimit.burst)) -}}
{{- end -}}
{{- with $ingress.rateLimit.connections -}}
{{- $_ := set $told (printf "%s/limit-connections" $nginx) (toString (int .)) -}}
{{- end -}}
{{- with $own.basicAuthSecret -}}
{{- $_ := set $told (printf "%s/auth-type" $nginx) "basic" -}}
{{- $_ := set $told (printf "%s/auth-secret" $nginx) . -}}
{{- $_ := set $told (printf "%s/auth-realm" $nginx) "The shop" -}}
{{- end -}}
{{- else if eq $ingress.controller "traefik" -}}
{{- $traefik := "traefik.ingress.kubernetes.io/router" -}}
{{- $_ := set $told (printf "%s.entrypoints" $traefik) (ternary "websecure" "web" $ingress.tls.enabled) -}}
{{- if $ingress.tls.enabled -}}
{{- $_ := set $told (printf "%s.tls" $traefik) "true" -}}
{{- $_ := set $told (printf "%s.tls.options" $traefik) (printf "%s-shop@kubernetescrd" (include "stoa.namespace" .root)) -}}
{{- end -}}
{{- $names := include "stoa.traefikNames" . | fromJsonArray -}}
{{- if $names -}}
{{- $_ := set $told (printf "%s.middlewares" $traefik) (join "," $names) -}}
{{- end -}}
{{- end -}}
{{- toYaml (mergeOverwrite $told (deepCopy $ingress.annotations) (deepCopy ($own.annotations | default dict))) -}}
{{- end -}}

{{/* What Traefik does before it passes a request on, as names of Middlewares. As JSON. */}}
{{- define "stoa.traefikNames" -}}
{{- $namespace := include "stoa.namespace" .root -}}
{{- $names := list -}}
{{- range $name, $spec := include "stoa.traefikSpecs" . | fromJson -}}
{{- $names = append $names (printf "%s-%s@kubernetescrd" $namespace $name) -}}
{{- end -}}
{{- $names | toJson -}}
{{- end -}}

{{/* The same as specifications by name, as JSON. */}}
{{- define "stoa.traefikSpecs" -}}
{{- $ingress := .root.Values.ingress -}}
{{- $own := ternary $ingress.staff $ingress (eq .part "staff") -}}
{{- $prefix := ternary "staff" "shop" (eq .part "staff") -}}
{{- $specs := dict -}}
{{- with $own.sourceRanges | default $ingress.sourceRanges -}}
{{- $_ := set $specs (printf "%s-ranges" $prefix) (dict "ipAllowList" (dict "sourceRange" .)) -}}
{{- end -}}
{{- with $ingress.rateLimit.requestsPerSecond -}}
{{- $burst := mul (int .) (int $ingress.rateLimit.burst) -}}
{{- $_ := set $specs (printf "%s-rate" $prefix) (dict "rateLimit" (dict "average" (int .) "burst" $burst)) -}}
{{- end -}}
{{- with $ingress.rateLimit.connections -}}
{{- $_ := set $specs (printf "%s-connections" $prefix) (dict "inFlightReq" (dict "amount" (int .))) -}}
{{- end -}}
{{- with $own.basicAuthSecret -}}
{{- $_ := set $specs (printf "%s-password" $prefix) (dict "basicAuth" (dict "secret" . "realm" "The shop" "removeHeader" true)) -}}
{{- end -}}
{{- $specs | toJson -}}
{{- end -}}

{{/* cert-manager fills the certificate of a Gateway that names an issuer. */}}
{{- define "stoa.gatewayAnnotations" -}}
{{- $gateway := .Values.gatewayApi.gateway -}}
{{- $told := dict -}}
{{- with $gateway.tls.clusterIssuer -}}
{{- $_ := set $told "cert-manager.io/cluster-issuer" . -}}
{{- end -}}
{{- with $gateway.tls.issuer -}}
{{- $_ := set $told "cert-manager.io/issuer" . -}}
{{- end -}}
{{- toYaml (mergeOverwrite $told (deepCopy $gateway.annotations)) -}}
{{- end -}}
