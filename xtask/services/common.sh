# What the scripts of this folder share. Sourced after `command` and `folder` are set.

# Stops every process whose id stands in FOLDER/pid or FOLDER/*/pid.
stop() {
  local file pid
  for file in "$folder"/pid "$folder"/*/pid; do
    [ -s "$file" ] || continue
    pid=$(cat "$file")
    if kill "$pid" 2>/dev/null; then
      # A check may have made it hang.
      kill -CONT "$pid" 2>/dev/null || true
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

# Puts packages of Debian under FOLDER/root without installing them, since some exclude each other: `unpacked PACKAGE…`.
unpacked() {
  local package
  [ -e "$folder/root/.done" ] && return
  mkdir -p "$folder/deb" "$folder/root"
  ( cd "$folder/deb"; apt-get -qq download "$@" 2> "$folder/apt.log" ) || { cat "$folder/apt.log" >&2; exit 1; }
  for package in "$folder"/deb/*.deb; do dpkg -x "$package" "$folder/root"; done
  touch "$folder/root/.done"
}

# An authority of its own: `authority NAME` makes FOLDER/NAME.pem and FOLDER/NAME.key.
authority() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$1" -keyout "$folder/$1.key" -out "$folder/$1.pem" 2>/dev/null
}

# A certificate of an authority: `certificate NAME AUTHORITY COMMON_NAME ALTERNATIVES` makes FOLDER/NAME.pem and FOLDER/NAME.key.
certificate() {
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$3" -keyout "$folder/$1.key" -out "$folder/$1.csr" 2>/dev/null
  openssl x509 -req -days 30 -in "$folder/$1.csr" -CA "$folder/$2.pem" -CAkey "$folder/$2.key" -CAcreateserial -out "$folder/$1.pem" \
    -extfile <(echo "subjectAltName=$4") 2>/dev/null
}

# What a receiver of syslog needs: an authority with its server and two clients, and a client of another authority.
parties() {
  [ -e "$folder/.parties" ] && return
  authority ca
  certificate server ca localhost DNS:localhost,IP:127.0.0.1
  certificate client ca picket.example DNS:picket.example
  certificate other ca other.example DNS:other.example
  authority strangers
  certificate stranger strangers picket.example DNS:picket.example
  touch "$folder/.parties"
}

# What the conformance run is told of one, besides its addresses.
told_parties() {
  printf 'CA=%s\nCLIENT=%s\nOTHER=%s\n' "$folder/ca.pem" "$folder/client" "$folder/other"
  printf 'STRANGER=%s\nOUT=%s\n' "$folder/stranger" "$folder/out.log"
  printf 'FINGERPRINT=%s\n' "$(openssl x509 -in "$folder/server.pem" -noout -fingerprint -sha256 | cut -d= -f2)"
}
