{{/* Labels of an object: (list $ "component"). */}}
{{- define "creditrisk.labels" -}}
{{ include "creditrisk.selector" . }}
app.kubernetes.io/part-of: creditrisk
app.kubernetes.io/version: {{ (index . 0).Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ (index . 0).Release.Service }}
{{- end }}

{{- define "creditrisk.selector" -}}
app.kubernetes.io/name: {{ (index . 0).Values.name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* Name and labels of an object: (list $ "component" "its name after the release's"). */}}
{{- define "creditrisk.metadata" -}}
name: {{ include "creditrisk.name" . }}
namespace: {{ (index . 0).Values.namespace }}
labels:
  {{- include "creditrisk.labels" . | nindent 2 }}
{{- end }}

{{- define "creditrisk.name" -}}
{{ printf "%s-%s" (index . 0).Values.name (index . 2) | trimSuffix "-" }}
{{- end }}

{{/* Where the keys of people and of the store's owner are. */}}
{{- define "creditrisk.people" -}}
{{ tpl .Values.people.namespace . | default .Values.namespace }}
{{- end }}

{{/* The account of a run's pods. */}}
{{- define "creditrisk.account" -}}
{{ tpl .Values.run.serviceAccount.name . }}
{{- end }}

{{/* Where something is kept: (list $ "audit"). */}}
{{- define "creditrisk.uri" -}}
{{ tpl (index (index . 0).Values.store (index . 1)) (index . 0) }}
{{- end }}

{{/* The same as creditrisk.metadata, there. */}}
{{- define "creditrisk.peopleMetadata" -}}
name: {{ include "creditrisk.name" . }}
namespace: {{ include "creditrisk.people" (index . 0) }}
labels:
  {{- include "creditrisk.labels" . | nindent 2 }}
{{- end }}

{{/* An image: (list $ "ops"). */}}
{{- define "creditrisk.image" -}}
{{- $root := index . 0 -}}
{{- $image := index $root.Values.images (index . 1) -}}
{{- with $root.Values.images.registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- $image.name -}}
{{- if $image.digest }}@{{ $image.digest }}{{ else }}:{{ coalesce $image.tag $root.Values.images.tag $root.Chart.AppVersion }}{{ end -}}
{{- end }}

{{- define "creditrisk.endpoint" -}}
{{- if .Values.store.endpoint -}}
{{ .Values.store.endpoint }}
{{- else if .Values.minio.enabled -}}
http://{{ .Values.name }}-minio.{{ include "creditrisk.people" . }}:9000
{{- else -}}
{{ fail "store.endpoint is empty and minio.enabled is false: name an S3 endpoint" }}
{{- end -}}
{{- end }}
