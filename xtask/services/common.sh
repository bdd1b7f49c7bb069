# What the scripts of this folder share. Sourced after `command` and `folder` are set.

# Stops every process whose id stands in FOLDER/pid or FOLDER/*/pid.
stop() {
  local file pid
  for file in "$folder"/pid "$folder"/*/pid; do
    [ -s "$file" ] || continue
    pid=$(cat "$file")
    if kill "$pid" 2>/dev/null; then
      for _ in $(seq 1 75); do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
      kill -9 "$pid" 2>/dev/null || true
    fi
    rm -f "$file"
  done
}

# Whether the process of a file still runs.
runs() { [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null; }

# Waits until a command succeeds: `wait_for PID_FILE LOG COMMAND…`.
wait_for() {
  local pid_file=$1 log=$2
  shift 2
  for _ in $(seq 1 900); do
    "$@" >/dev/null 2>&1 && return 0
    runs "$pid_file" || { tail -20 "$log" >&2; exit 1; }
    sleep 0.2
  done
  echo "$0: not ready after three minutes" >&2
  exit 1
}

secret() { head -c 24 /dev/urandom | base64 | tr -d '/+='; }
