#!/usr/bin/env bash
# s3.sh start FOLDER [PORT] | stop FOLDER
# MinIO, built from its Go module, with an empty bucket.
set -euo pipefail
command=$1; mkdir -p "$2"; folder=$(cd "$2" && pwd); port=${3:-19000}; binary=$folder/bin/minio
. "$(dirname "$0")/common.sh"
stop
[ "$command" = start ] || exit 0
[ -x "$binary" ] || GOBIN=$folder/bin GOFLAGS=-buildvcs=false CGO_ENABLED=0 go install "github.com/minio/minio@${MINIO_VERSION:-latest}"
rm -rf "$folder/data"; mkdir -p "$folder/data"
key=$(secret)
( MINIO_ROOT_USER=picket MINIO_ROOT_PASSWORD=$key MINIO_BROWSER=off MINIO_UPDATE=off HOME=$folder \
  exec setsid "$binary" server --quiet --address "127.0.0.1:$port" "$folder/data" > "$folder/out.log" 2>&1 < /dev/null ) & echo $! > "$folder/pid"
wait_for "$folder/pid" "$folder/out.log" curl -sf "http://127.0.0.1:$port/minio/health/ready"
# curl signs the request itself.
curl -sf -o /dev/null -X PUT --aws-sigv4 "aws:amz:us-east-1:s3" --user "picket:$key" "http://127.0.0.1:$port/picket-events"
printf 'ENDPOINT=http://127.0.0.1:%s\nREGION=us-east-1\nBUCKET=picket-events\nKEY_ID=picket\nKEY=%s\nDATA=%s\n' "$port" "$key" "$folder/data" > "$folder/env"
chmod 600 "$folder/env"
