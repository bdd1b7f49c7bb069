#!/usr/bin/env bash
# otelcol.sh start FOLDER [HEC_PORT] [OTLP_PORT] | stop FOLDER
# OpenTelemetry Collector with its receivers of Splunk HEC and OTLP, built from Go modules; what it receives stands in FOLDER/out.jsonl.
set -euo pipefail
command=$1; mkdir -p "$2"; folder=$(cd "$2" && pwd); hec=${3:-18088}; otlp=${4:-14318}
. "$(dirname "$0")/common.sh"
version=${OTELCOL_VERSION:-0.145.0}; binary=$folder/build/otelcol
stop
[ "$command" = start ] || exit 0
if [ ! -x "$binary" ]; then
  core=go.opentelemetry.io/collector; contrib=github.com/open-telemetry/opentelemetry-collector-contrib
  mkdir -p "$folder/build"
  cat > "$folder/manifest.yaml" <<X
dist: {name: otelcol, output_path: $folder/build, version: $version, module: example.test/otelcol}
receivers:
  - gomod: $core/receiver/otlpreceiver v$version
  - gomod: $contrib/receiver/splunkhecreceiver v$version
exporters:
  - gomod: $contrib/exporter/fileexporter v$version
providers:
  - gomod: $core/confmap/provider/fileprovider v1.51.0
conf_resolver: {default_uri_scheme: file}
X
  GOBIN=$folder/gobin GOFLAGS=-buildvcs=false go install "$core/cmd/builder@v$version"
  CGO_ENABLED=0 GOFLAGS=-buildvcs=false "$folder/gobin/builder" --config "$folder/manifest.yaml" > "$folder/build.log" 2>&1 \
    || { tail -20 "$folder/build.log" >&2; exit 1; }
fi
rm -f "$folder/out.jsonl"
cat > "$folder/config.yaml" <<X
receivers:
  splunk_hec: {endpoint: "127.0.0.1:$hec", raw_path: /services/collector/raw, health_path: /services/collector/health}
  otlp: {protocols: {http: {endpoint: "127.0.0.1:$otlp"}}}
exporters:
  file: {path: "$folder/out.jsonl", flush_interval: 100ms}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    logs: {receivers: [splunk_hec, otlp], exporters: [file]}
X
( exec setsid "$binary" --config "file:$folder/config.yaml" > "$folder/out.log" 2>&1 < /dev/null ) & echo $! > "$folder/pid"
wait_for "$folder/pid" "$folder/out.log" curl -sf "http://127.0.0.1:$hec/services/collector/health"
printf 'HEC=http://127.0.0.1:%s\nOTLP=http://127.0.0.1:%s\nOUT=%s\n' "$hec" "$otlp" "$folder/out.jsonl" > "$folder/env"
