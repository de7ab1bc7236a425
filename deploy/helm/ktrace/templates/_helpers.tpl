{{- define "ktrace.selector" -}}
app.kubernetes.io/name: ktrace
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ktrace.labels" -}}
{{ include "ktrace.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "ktrace.securityContext" -}}
{{- if eq .Values.security "privileged" -}}
privileged: true
readOnlyRootFilesystem: true
{{- else -}}
runAsUser: 0 # other users cannot be given capabilities by Kubernetes
runAsGroup: 0
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
  add: [BPF, PERFMON, SYS_PTRACE, DAC_READ_SEARCH, SYS_NICE]
seccompProfile:
  type: RuntimeDefault
appArmorProfile:
  type: Unconfined
{{- end }}
{{- end }}

{{- /* An option that may be repeated is a list. */ -}}
{{- define "ktrace.conf" -}}
{{- range $name, $value := .Values.config }}
{{- range (kindIs "slice" $value | ternary $value (list $value)) }}
{{ $name }} = {{ . }}
{{- end }}
{{- end }}
{{- end }}
