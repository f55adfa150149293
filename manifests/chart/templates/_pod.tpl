{{/* Restricted pod security, spelled out: it holds in a namespace that asks for less. */}}
{{- define "creditrisk.podSecurity" -}}
runAsNonRoot: true
runAsUser: 185
runAsGroup: 185
fsGroup: 185
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "creditrisk.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* Metadata of a pod: (list $ "component"). */}}
{{- define "creditrisk.podMetadata" -}}
labels:
  {{- include "creditrisk.labels" . | nindent 2 }}
  {{- with (index . 0).Values.podLabels }}{{ toYaml . | nindent 2 }}{{ end }}
{{- with (index . 0).Values.podAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Where pods of this chart may run. */}}
{{- define "creditrisk.placement" -}}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Keys of a role as environment: a Secret's name. */}}
{{- define "creditrisk.keys" -}}
- name: AWS_ACCESS_KEY_ID
  valueFrom: {secretKeyRef: {name: {{ . }}, key: accesskey}}
- name: AWS_SECRET_ACCESS_KEY
  valueFrom: {secretKeyRef: {name: {{ . }}, key: secretkey}}
{{- end }}

{{/* What a job does is part of its name: a job cannot be changed, and one that is done stays done. */}}
{{- define "creditrisk.jobName" -}}
{{ index . 0 }}-{{ index . 1 | sha256sum | trunc 8 }}
{{- end }}
