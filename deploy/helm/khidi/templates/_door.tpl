{{- /* What the doors speak. Their ports are called by it, since a mesh reads the protocol off the name. */}}
{{- define "khidi.scheme" -}}
{{ ternary "https" "http" .Values.httpTls.enabled }}
{{- end }}

{{- /* The address of the door of a component: root, component. */}}
{{- define "khidi.doorUrl" -}}
{{ include "khidi.scheme" .root }}://{{ .root.Release.Name }}-{{ .component }}:8080
{{- end }}

{{- /* The Secret of a component with the certificate of its door. */}}
{{- define "khidi.httpSecret" -}}
{{ .root.Values.httpTls.secretPrefix }}-{{ .component }}
{{- end }}

{{- /* The certificate of the door; and whom Node believes, beside the public authorities, where a service asks another door. */}}
{{- define "khidi.httpTlsEnv" -}}
- { name: KHIDI_HTTP_CERT, value: /run/secrets/khidi/http/tls.crt }
- { name: KHIDI_HTTP_KEY, value: /run/secrets/khidi/http/tls.key }
- { name: NODE_EXTRA_CA_CERTS, value: /run/secrets/khidi/http/ca.crt }
{{- end }}

{{- /* The order for that Secret, for a cluster with cert-manager, which renews it. Pods are scraped by their addresses, which no
       certificate can name: Prometheus knows all of them by one name more. */}}
{{- define "khidi.certificate" -}}
{{- $service := printf "%s-%s" .root.Release.Name .component }}
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: {{ $service }}
  labels:
    {{- include "khidi.labels" . | nindent 4 }}
spec:
  secretName: {{ include "khidi.httpSecret" . }}
  issuerRef:
    {{- toYaml .root.Values.httpTls.certManager.issuerRef | nindent 4 }}
  privateKey: { algorithm: ECDSA, size: 256, rotationPolicy: Always }
  usages: [digital signature, server auth]
  dnsNames:
    - {{ $service }}
    - {{ $service }}.{{ .root.Release.Namespace }}
    - {{ $service }}.{{ .root.Release.Namespace }}.svc
    - khidi-metrics
    {{- range index .root.Values.httpTls.certManager.hosts .component }}
    - {{ . }}
    {{- end }}
{{- end }}

{{- /* The door of a service, its certificate where cert-manager makes it, and what a drain must leave of it. */}}
{{- define "khidi.door" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ .root.Release.Name }}-{{ .component }}
  labels:
    {{- include "khidi.labels" . | nindent 4 }}
spec:
  selector:
    {{- include "khidi.selector" . | nindent 4 }}
  ports:
    - { name: {{ include "khidi.scheme" .root }}, port: 8080, targetPort: 8080 }
{{- if and .root.Values.httpTls.enabled .root.Values.httpTls.certManager.issuerRef.name }}
---
{{ include "khidi.certificate" . }}
{{- end }}
{{- if .root.Values.podDisruptionBudget.enabled }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .root.Release.Name }}-{{ .component }}
  labels:
    {{- include "khidi.labels" . | nindent 4 }}
spec:
  # A single pod may be moved: records wait in Kafka meanwhile, and none is lost.
  maxUnavailable: 1
  selector:
    matchLabels:
      {{- include "khidi.selector" . | nindent 6 }}
{{- end }}
{{- end }}
