{{/* What runs once, and what keeps state: the parts that its pods have in common. */}}

{{/*
A Job whose name follows from everything its pod is made of: an upgrade that changes nothing makes no new one, any other makes one beside the old.
  include "stoa.job" (dict "root" $ "component" "migrate" "pod" (include "stoa.migratePod" $))
*/}}
{{- define "stoa.job" -}}
{{- $labels := include "stoa.labels" (dict "root" .root "component" .component) -}}
{{- $jobs := .root.Values.jobs -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .component }}-{{ dict "labels" ($labels | fromYaml) "pod" (.pod | fromYaml) "backoffLimit" $jobs.backoffLimit | toJson | sha256sum | trunc 10 }}
  namespace: {{ include "stoa.namespace" .root }}
  labels:
    {{- $labels | nindent 4 }}
spec:
  # It tries until what it needs is there; each failure waits longer, up to five minutes.
  backoffLimit: {{ $jobs.backoffLimit }}
  template:
    metadata:
      labels:
        {{- $labels | nindent 8 }}
    spec:
      {{- .pod | nindent 6 }}
{{- end -}}

{{/*
The pod of a command of the tools image, below `spec`.
  include "stoa.toolsPod" (dict "root" $ "component" "migrate" "args" (list "migrate") "env" "…" "withToken" false)
*/}}
{{- define "stoa.toolsPod" -}}
{{- $root := .root -}}
serviceAccountName: {{ .component }}
automountServiceAccountToken: {{ .withToken | default false }}
enableServiceLinks: false
restartPolicy: OnFailure
{{- with include "stoa.pullSecrets" $root | trim }}
{{ . }}
{{- end }}
securityContext:
  {{- include "stoa.podSecurity" . | nindent 2 }}
containers:
  - name: {{ .component }}
    image: {{ include "stoa.image" (dict "root" $root "name" "tools") }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    args: {{ .args | toJson }}
    {{- with .env | default "" | trim }}
    env:
      {{- . | nindent 6 }}
    {{- end }}
    resources:
      {{- toYaml $root.Values.jobs.resources | nindent 6 }}
    securityContext:
      {{- include "stoa.containerSecurity" . | nindent 6 }}
    # What it said last stands in the pod's status.
    terminationMessagePolicy: FallbackToLogsOnError
    volumeMounts:
      - name: tmp
        mountPath: /tmp
      {{- with include "stoa.databaseCaMounts" $root | trim }}
      {{- . | nindent 6 }}
      {{- end }}
volumes:
  - name: tmp
    emptyDir:
      medium: Memory
      sizeLimit: 16Mi
  {{- with include "stoa.databaseCaVolumes" $root | trim }}
  {{- . | nindent 2 }}
  {{- end }}
{{- with $root.Values.jobs.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $root.Values.jobs.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The account of a part that asks Kubernetes nothing. */}}
{{- define "stoa.quietAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .component }}
  namespace: {{ include "stoa.namespace" .root }}
  labels:
    {{- include "stoa.labels" (dict "root" .root "component" .component) | nindent 4 }}
automountServiceAccountToken: false
{{- end -}}

{{/* The image of a server that others make: repository, tag, digest. */}}
{{- define "stoa.serverImage" -}}
{{- if eq (toString .tag) "latest" -}}
{{- fail (printf "The image %s has the tag latest, which says nothing of what runs. Name a version, or a digest." .repository) -}}
{{- end -}}
{{- if .digest -}}
{{- printf "%s@%s" .repository .digest -}}
{{- else -}}
{{- printf "%s:%s" .repository (toString .tag) -}}
{{- end -}}
{{- end -}}

{{/* Pod Security "restricted" for a server under the account of its image. */}}
{{- define "stoa.serverSecurity" -}}
runAsNonRoot: true
runAsUser: {{ .uid }}
runAsGroup: {{ .gid }}
fsGroup: {{ .gid }}
# Changing what is right already would take long with many files, and opens files that a server wants closed to its group.
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{/* Where a server's pod may run. */}}
{{- define "stoa.serverPlacement" -}}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* A claim as `storage` says: size, storageClassName, accessModes. */}}
{{- define "stoa.claim" -}}
accessModes: {{ .accessModes | toJson }}
{{- with .storageClassName }}
storageClassName: {{ . }}
{{- end }}
resources:
  requests:
    storage: {{ .size }}
{{- end -}}

{{/* The authority that databases outside are verified against, as a file. */}}
{{- define "stoa.databaseCaEnv" -}}
{{- if include "stoa.hasDatabaseCa" . }}
- name: DATABASE_CA_FILE
  value: /config/database-ca/{{ .Values.externalDatabases.ca.key }}
{{- end }}
{{- end -}}

{{- define "stoa.databaseCaMounts" -}}
{{- if include "stoa.hasDatabaseCa" . }}
- name: database-ca
  mountPath: /config/database-ca
  readOnly: true
{{- end }}
{{- end -}}

{{- define "stoa.databaseCaVolumes" -}}
{{- if include "stoa.hasDatabaseCa" . }}
{{- $ca := .Values.externalDatabases.ca }}
- name: database-ca
  {{- if $ca.secret }}
  secret:
    secretName: {{ $ca.secret }}
  {{- else }}
  configMap:
    name: {{ $ca.configMap }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "stoa.hasDatabaseCa" -}}
{{- $ca := .Values.externalDatabases.ca -}}
{{- if and (not .Values.postgres.enabled) (or $ca.secret $ca.configMap) -}}
true
{{- end -}}
{{- end -}}

{{/*
Every database of the shop by the URL that its service uses; with "readers", those of the audit too.
In topology "tiers" there is one, and its own account enters it.
*/}}
{{- define "stoa.allDatabasesEnv" -}}
{{- $root := .root -}}
{{- if eq $root.Values.topology "tiers" }}
{{- include "stoa.oneDatabaseEnv" $root }}
{{- else }}
{{- range (include "stoa.facts" $root | fromJson).services }}
{{- if .database }}
{{ include "stoa.secretEnv" (dict "root" $root "env" (printf "%s_DATABASE_URL" (upper .name | replace "-" "_")) "secret" "databases" "key" (printf "%s-database-url" .name)) }}
{{- end }}
{{- end }}
{{- if $.readers }}
{{ include "stoa.readersEnv" $root }}
{{- end }}
{{- end }}
- name: DATABASE_SSLMODE
  value: {{ include "stoa.databaseSslMode" $root }}
{{- include "stoa.databaseCaEnv" $root }}
{{- end -}}

{{/* DATABASE_HOST and POSTGRES_* of the one database of topology "tiers". */}}
{{- define "stoa.oneDatabaseEnv" -}}
{{- $root := . }}
- name: DATABASE_HOST
  value: {{ include "stoa.databaseHost" . | quote }}
- name: DATABASE_PORT
  value: {{ include "stoa.databasePort" . | quote }}
{{- range $key := list "POSTGRES_USER" "POSTGRES_PASSWORD" "POSTGRES_DB" }}
{{ include "stoa.secretEnv" (dict "root" $root "env" $key "secret" "postgres" "key" $key) }}
{{- end }}
{{- end -}}

{{/* What the audit reads: the role `audit` of services.json says which databases. */}}
{{- define "stoa.readersEnv" -}}
{{- $root := . -}}
{{- range (include "stoa.factsOf" (dict "root" $root "name" "audit") | fromJson).reads }}
{{ include "stoa.secretEnv" (dict "root" $root "env" .setting "secret" "databases" "key" (printf "audit-%s-database-url" .service)) }}
{{- end }}
{{- end -}}

{{/*
The secrets that the Job makes, as words of `stoa secrets make --only`, as JSON: those that this installation reads, that nobody else brings.
*/}}
{{- define "stoa.madeSecrets" -}}
{{- $values := .Values -}}
{{- $isTiers := eq $values.topology "tiers" -}}
{{- $read := dict
      "keys" true
      "postgres" $values.postgres.enabled
      "databases" (not $isTiers)
      "redis" $values.redis.enabled
      "rabbitmq" $values.rabbitmq.enabled
      "admin" true
      "apiKeys" true -}}
{{- $made := list -}}
{{- range $secret := list "keys" "postgres" "databases" "redis" "rabbitmq" "admin" "apiKeys" -}}
{{- $own := index $values.secrets $secret -}}
{{- if and (index $read $secret) (not $own.existing) (not (and $values.secrets.external.enabled $own.remoteKey)) -}}
{{- $made = append $made (ternary "api-keys" $secret (eq $secret "apiKeys")) -}}
{{- end -}}
{{- end -}}
{{- ternary $made list $values.secrets.make | toJson -}}
{{- end -}}

{{/* Whether the databases and roles of the services are made here: on the server inside, or on one outside whose superuser is known. */}}
{{- define "stoa.makesDatabases" -}}
{{- if and (eq .Values.topology "services") (or .Values.postgres.enabled .Values.externalDatabases.make) -}}
true
{{- end -}}
{{- end -}}

{{/*
Connections that all pods together may open, those of a rollout included, with what Jobs, the audit, backups and people need:
the autoscalers can then never ask PostgreSQL for one more than it has.
*/}}
{{- define "stoa.connectionsMax" -}}
{{- $root := . -}}
{{- $sum := 0 -}}
{{- range $name := include "stoa.running" $root | fromJsonArray -}}
{{- $service := include "stoa.service" (dict "root" $root "name" $name) | fromJson -}}
{{- $pools := ternary 1 0 (not (empty $service.facts.database)) -}}
{{- if eq $name "backend" -}}
{{- range (include "stoa.facts" $root | fromJson).services -}}
{{- if .database -}}
{{- $pools = add $pools 1 -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $pods := include "stoa.replicasMax" (dict "service" $service) | int -}}
{{- /* A pod that starts has two more for a moment: one migrates, one holds the lock. */ -}}
{{- $sum = add $sum (mul $pools $pods (add (int $service.databasePoolMax) 2)) -}}
{{- end -}}
{{- add $sum 30 -}}
{{- end -}}

{{/* The pod of a script that works on all databases with PostgreSQL's own programs: (dict "root" $ "claim" "backup" "script" "backup.sh"). */}}
{{- define "stoa.backupPod" -}}
{{- $root := .root -}}
{{- $backup := $root.Values.backup -}}
serviceAccountName: backup
automountServiceAccountToken: false
enableServiceLinks: false
restartPolicy: OnFailure
{{- with include "stoa.pullSecrets" $root | trim }}
{{ . }}
{{- end }}
securityContext:
  {{- include "stoa.serverSecurity" $root.Values.postgres | nindent 2 }}
{{- with include "stoa.serverPlacement" $backup | trim }}
{{ . }}
{{- end }}
containers:
  - name: backup
    image: {{ include "stoa.serverImage" $root.Values.postgres.image }}
    imagePullPolicy: {{ $root.Values.image.pullPolicy }}
    command: [sh, /scripts/{{ .script }}]
    env:
      - name: PGHOST
        value: {{ include "stoa.databaseHost" $root | quote }}
      - name: PGPORT
        value: {{ include "stoa.databasePort" $root | quote }}
      - name: PGSSLMODE
        value: {{ include "stoa.databaseSslMode" $root }}
      {{- include "stoa.secretEnv" (dict "root" $root "env" "PGUSER" "secret" "postgres" "key" "POSTGRES_USER") | nindent 6 }}
      {{- include "stoa.secretEnv" (dict "root" $root "env" "PGPASSWORD" "secret" "postgres" "key" "POSTGRES_PASSWORD") | nindent 6 }}
      {{- include "stoa.secretEnv" (dict "root" $root "env" "PGDATABASE" "secret" "postgres" "key" "POSTGRES_DB") | nindent 6 }}
      - name: KEEP_DAYS
        value: {{ $backup.keepDays | quote }}
      {{- if include "stoa.hasDatabaseCa" $root }}
      - name: PGSSLROOTCERT
        value: /config/database-ca/{{ $root.Values.externalDatabases.ca.key }}
      {{- end }}
    resources:
      {{- toYaml $backup.resources | nindent 6 }}
    securityContext:
      {{- include "stoa.containerSecurity" . | nindent 6 }}
    terminationMessagePolicy: FallbackToLogsOnError
    volumeMounts:
      - name: backup
        mountPath: /backup
      - name: scripts
        mountPath: /scripts
        readOnly: true
      - name: tmp
        mountPath: /tmp
      {{- with include "stoa.databaseCaMounts" $root | trim }}
      {{- . | nindent 6 }}
      {{- end }}
volumes:
  - name: backup
    persistentVolumeClaim:
      claimName: {{ .claim }}
  - name: scripts
    configMap:
      name: backup
  - name: tmp
    emptyDir:
      sizeLimit: 64Mi
  {{- with include "stoa.databaseCaVolumes" $root | trim }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end -}}

{{/* The labels of a server's pod: those that stay the same from release to release, because a changed pod is a restarted server. */}}
{{- define "stoa.steadyLabels" -}}
app: {{ .root.Values.application }}
environment: {{ .root.Values.environment }}
managed-by: helm
tier: {{ include "stoa.tier" .component }}
version: {{ include "stoa.labelVersion" (index .root.Values .component).image.tag | quote }}
{{ include "stoa.selector" . }}
app.kubernetes.io/name: {{ .component }}
app.kubernetes.io/component: {{ .component }}
app.kubernetes.io/version: {{ include "stoa.labelVersion" (index .root.Values .component).image.tag | quote }}
app.kubernetes.io/part-of: {{ .root.Values.application }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end -}}

{{/* What PostgreSQL inside is started with: what the values say, else what everybody together may want. */}}
{{- define "stoa.postgresConnections" -}}
{{- $wanted := include "stoa.connectionsMax" . | int -}}
{{- $said := int .Values.postgres.maxConnections -}}
{{- if and $said (lt $said $wanted) -}}
{{- fail (printf "postgres.maxConnections is %d, but all pods together may open %d connections. Raise it, lower databasePoolMax or the largest number of replicas, or leave it at 0." $said $wanted) -}}
{{- end -}}
{{- /* By hundreds, because PostgreSQL restarts when the number changes: one pod more or less is no reason. */ -}}
{{- $said | default (mul (div (add $wanted 99) 100) 100) -}}
{{- end -}}

{{/* redis.conf without the password. */}}
{{- define "stoa.redisConfig" -}}
{{- $redis := .Values.redis }}
include /run/redis/password.conf
bind * -::*
dir /data
# With any other policy Redis throws carts away when it is full, and nobody is told.
maxmemory {{ $redis.maxMemory }}
maxmemory-policy noeviction
{{- if $redis.persistence }}
appendonly yes
appendfsync {{ $redis.appendFsync }}
save 3600 1 300 100 60 10000
{{- else }}
appendonly no
save ""
{{- end }}
{{- end -}}
