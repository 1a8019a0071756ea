{{- define "khidi.labels" -}}
app.kubernetes.io/name: khidi
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{ include "khidi.selector" . }}
{{- end }}

{{- define "khidi.selector" -}}
app.kubernetes.io/part-of: {{ .root.Release.Name }}-khidi
{{- with .component }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end }}

{{- define "khidi.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag }}{{ end }}
{{- end }}
{{- end }}

{{- /* `GE/GOV/7001` as a part of a name. */}}
{{- define "khidi.place" -}}
{{ . | replace "/" "-" | lower }}
{{- end }}

{{- /* Nobody is root, the root is not written, and nothing may be gained. */}}
{{- define "khidi.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "khidi.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- /* What every service is told; one without keys of ours gets no passphrase, an `untraced` one no collector. */}}
{{- define "khidi.commonEnv" -}}
{{- $keyless := .keyless }}
{{- $traced := not (or .keyless .untraced) }}
{{- with .root }}
- { name: KAFKA_BROKERS, value: {{ .Values.kafka.brokers | quote }} }
- { name: KHIDI_HOST, value: "0.0.0.0" }
- { name: KHIDI_PORT, value: "8080" }
- { name: KHIDI_MEMBERS, value: /etc/khidi/members.json }
- { name: KHIDI_TOPICS, value: /etc/khidi/topics.json }
{{- if not $keyless }}
- { name: KHIDI_PASSPHRASE_FILE, value: /run/secrets/khidi/passphrase/passphrase }
{{- end }}
- { name: KHIDI_LOG_LEVEL, value: {{ .Values.logLevel }} }
{{- if .Values.kafka.tls.secretPrefix }}
{{ include "khidi.kafkaEnv" . }}
{{- end }}
{{- if .Values.secrets.operators }}
- { name: KHIDI_OPERATORS, value: /run/secrets/khidi/operators/operators.json }
{{- end }}
{{- if and .Values.traces.endpoint $traced }}
{{- with .Values.traces.endpoint }}
- { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ . | quote }} }
{{- end }}
{{- end }}
{{- range $name, $value := .Values.extraEnv }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end }}
{{- end }}

{{- /* Kafka with TLS, as the principal whose Secret is mounted. */}}
{{- define "khidi.kafkaEnv" -}}
- { name: KHIDI_KAFKA_CA, value: /run/secrets/khidi/kafka/ca.crt }
- { name: KHIDI_KAFKA_CERT, value: /run/secrets/khidi/kafka/tls.crt }
- { name: KHIDI_KAFKA_KEY, value: /run/secrets/khidi/kafka/tls.key }
{{- end }}

{{- /* The pod of one service: root, component, program, env, resources, and where it keeps what; `args` where it is a command of the CLI,
       `keyless` where it opens no keys of ours, `untraced` where it knows no traces, `mounts` for further secrets, `member` of an adapter. */}}
{{- define "khidi.pod" -}}
metadata:
  labels:
    {{- include "khidi.labels" . | nindent 4 }}
  annotations:
    checksum/config: {{ include (print .root.Template.BasePath "/config.yaml") .root | sha256sum }}
    prometheus.io/scrape: "true"
    prometheus.io/port: "8080"
    prometheus.io/scheme: {{ include "khidi.scheme" .root }}
    {{- with .member }}
    khidi/member: {{ . }}
    {{- end }}
spec:
  serviceAccountName: {{ .root.Release.Name }}-khidi
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: 30
  securityContext:
    {{- include "khidi.podSecurity" . | nindent 4 }}
  {{- with .root.Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . }}
    {{- end }}
  {{- end }}
  containers:
    - name: {{ .program }}
      image: {{ include "khidi.image" .root }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      {{- if .args }}
      args:
        {{- toYaml .args | nindent 8 }}
      {{- else }}
      args: [dist/apps/{{ .program }}/src/main.js]
      {{- end }}
      env:
        {{- if not .args }}
        {{- include "khidi.commonEnv" . | nindent 8 }}
        {{- end }}
        {{- if .root.Values.httpTls.enabled }}
        {{- include "khidi.httpTlsEnv" . | nindent 8 }}
        {{- end }}
        {{- toYaml .env | nindent 8 }}
        {{- $program := .program }}
        {{- range .root.Values.secretEnv }}
        {{- if eq .service $program }}
        - name: {{ .name }}
          valueFrom: { secretKeyRef: { name: {{ .existingSecret }}, key: {{ .key }} } }
        {{- end }}
        {{- end }}
      ports:
        - { name: {{ include "khidi.scheme" .root }}, containerPort: 8080 }
      securityContext:
        {{- include "khidi.containerSecurity" . | nindent 8 }}
      resources:
        {{- toYaml .resources | nindent 8 }}
      # Starting may take as long as the proof of the whole log; readiness tells of dependencies and restarts nothing.
      startupProbe:
        httpGet: { path: /health/live, port: 8080, scheme: {{ include "khidi.scheme" .root | upper }} }
        periodSeconds: 5
        failureThreshold: 120
      livenessProbe:
        httpGet: { path: /health/live, port: 8080, scheme: {{ include "khidi.scheme" .root | upper }} }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: { path: /health/ready, port: 8080, scheme: {{ include "khidi.scheme" .root | upper }} }
        periodSeconds: 5
        timeoutSeconds: 5
      volumeMounts:
        - { name: config, mountPath: /etc/khidi, readOnly: true }
        {{- if not .keyless }}
        - { name: passphrase, mountPath: /run/secrets/khidi/passphrase, readOnly: true }
        {{- end }}
        {{- range .mounts }}
        - { name: {{ .name }}, mountPath: /run/secrets/khidi/{{ .name }}, readOnly: true }
        {{- end }}
        {{- if .root.Values.secrets.operators }}
        - { name: operators, mountPath: /run/secrets/khidi/operators, readOnly: true }
        {{- end }}
        {{- if .root.Values.httpTls.enabled }}
        - { name: http, mountPath: /run/secrets/khidi/http, readOnly: true }
        {{- end }}
        {{- if and .principal .root.Values.kafka.tls.secretPrefix }}
        - { name: kafka, mountPath: /run/secrets/khidi/kafka, readOnly: true }
        {{- end }}
        {{- if .callers }}
        - { name: callers, mountPath: /run/secrets/khidi/callers, readOnly: true }
        {{- end }}
        - { name: state, mountPath: /var/lib/khidi }
        - { name: tmp, mountPath: /tmp }
  volumes:
    - name: config
      configMap: { name: {{ .root.Release.Name }}-khidi }
    {{- if not .keyless }}
    - name: passphrase
      secret: { secretName: {{ .root.Values.secrets.passphrase }}, defaultMode: 0440 }
    {{- end }}
    {{- range .mounts }}
    - name: {{ .name }}
      secret: { secretName: {{ .secret }}, defaultMode: 0440 }
    {{- end }}
    {{- with .root.Values.secrets.operators }}
    - name: operators
      secret: { secretName: {{ . }}, defaultMode: 0440 }
    {{- end }}
    {{- if .root.Values.httpTls.enabled }}
    - name: http
      secret: { secretName: {{ include "khidi.httpSecret" . }}, defaultMode: 0440 }
    {{- end }}
    {{- if .principal }}
    {{- with .root.Values.kafka.tls.secretPrefix }}
    - name: kafka
      secret: { secretName: {{ . }}-{{ $.principal }}, defaultMode: 0440 }
    {{- end }}
    {{- end }}
    {{- with .callers }}
    - name: callers
      secret: { secretName: {{ . }}, defaultMode: 0440 }
    {{- end }}
    {{- if eq .keeps "keys" }}
    - name: state
      persistentVolumeClaim: { claimName: {{ .root.Values.keys.existingClaim | default (printf "%s-khidi-keys" .root.Release.Name) }} }
    {{- else if eq .keeps "nothing" }}
    - name: state
      emptyDir: {}
    {{- end }}
    - name: tmp
      emptyDir: { sizeLimit: 64Mi }
  {{- with .root.Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- /* A service with pods that are all alike. */}}
{{- define "khidi.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .root.Release.Name }}-{{ .component }}
  labels:
    {{- include "khidi.labels" . | nindent 4 }}
spec:
  replicas: {{ .replicas }}
  {{- if .alone }}
  strategy: { type: Recreate }
  {{- else }}
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  {{- end }}
  selector:
    matchLabels:
      {{- include "khidi.selector" . | nindent 6 }}
  template:
    {{- include "khidi.pod" . | nindent 4 }}
{{- end }}

{{- /* A service with one pod that has a volume of its own. */}}
{{- define "khidi.statefulSet" -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ .root.Release.Name }}-{{ .component }}
  labels:
    {{- include "khidi.labels" . | nindent 4 }}
spec:
  replicas: 1
  serviceName: {{ .root.Release.Name }}-{{ .component }}
  selector:
    matchLabels:
      {{- include "khidi.selector" . | nindent 6 }}
  template:
    {{- include "khidi.pod" . | nindent 4 }}
  volumeClaimTemplates:
    - metadata: { name: state }
      spec:
        accessModes: [ReadWriteOnce]
        {{- with .storage.storageClass }}
        storageClassName: {{ . }}
        {{- end }}
        resources: { requests: { storage: {{ .storage.size }} } }
{{- end }}
