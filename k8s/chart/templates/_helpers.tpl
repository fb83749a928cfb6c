{{- /* The image of a service: list of the root and the name of the service. */}}
{{- define "tomp3.image" -}}
{{- $root := index . 0 }}
{{- $service := index . 1 }}
{{- $image := $root.Values.image }}
{{- with index $image.digests $service }}
{{- printf "%s/%s@%s" $image.registry $service . }}
{{- else }}
{{- printf "%s/%s:%s" $image.registry $service ($image.tag | default $root.Chart.AppVersion) }}
{{- end }}
{{- end }}
