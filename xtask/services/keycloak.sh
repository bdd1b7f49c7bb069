#!/usr/bin/env bash
# keycloak.sh start FOLDER [PORT] | stop FOLDER
# Keycloak in development mode on this machine alone, with a realm "picket": a client with a secret, and one user in one group.
# Needs mvn, python3, curl and Java 17 or newer. Everything lies in FOLDER; FOLDER/env names issuer, client and user.
set -euo pipefail
version=${KEYCLOAK_VERSION:-26.7.3}
command=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
port=${3:-18080}
home=$folder/keycloak-$version

stop() {
  [ -s "$folder/pid" ] || return 0
  local pid
  pid=$(cat "$folder/pid")
  if kill "$pid" 2>/dev/null; then
    for _ in $(seq 1 75); do kill -0 "$pid" 2>/dev/null || break; sleep 0.2; done
    kill -9 "$pid" 2>/dev/null || true
  fi
  rm -f "$folder/pid"
}

secret() { head -c 24 /dev/urandom | base64 | tr -d '/+='; }

fetch() {
  [ -e "$home/version.txt" ] && return
  mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
    -Dartifact="org.keycloak:keycloak-quarkus-dist:$version:zip" -DoutputDirectory="$folder" -Dmdep.useBaseVersion=true
  python3 -m zipfile -e "$folder/keycloak-quarkus-dist-$version.zip" "$folder"
  chmod +x "$home"/bin/*.sh
}

describe() {
  if [ ! -s "$folder/env" ]; then
    (umask 077; printf '%s=%s\n' KC_ADMIN "$(secret)" OIDC_CLIENT_ID picket OIDC_CLIENT_SECRET "$(secret)" \
      OIDC_USER alice OIDC_PASSWORD "$(secret)" OIDC_ISSUER "http://127.0.0.1:$port/realms/picket" > "$folder/env")
  fi
  . "$folder/env"
  mkdir -p "$home/data/import"
  cat > "$home/data/import/picket-realm.json" <<REALM
{"realm": "picket", "enabled": true, "sslRequired": "none", "groups": [{"name": "picket-admins"}],
 "clients": [{"clientId": "$OIDC_CLIENT_ID", "secret": "$OIDC_CLIENT_SECRET", "enabled": true, "standardFlowEnabled": true,
   "directAccessGrantsEnabled": true,
   "redirectUris": ["http://127.0.0.1:*"], "attributes": {"pkce.code.challenge.method": "S256"},
   "protocolMappers": [{"name": "groups", "protocol": "openid-connect", "protocolMapper": "oidc-group-membership-mapper",
     "config": {"claim.name": "groups", "full.path": "false", "id.token.claim": "true", "access.token.claim": "true"}},
    {"name": "gateway", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
     "config": {"included.custom.audience": "picket-gateway", "id.token.claim": "false", "access.token.claim": "true"}}]}],
 "users": [{"username": "$OIDC_USER", "enabled": true, "email": "alice@example.test", "emailVerified": true, "firstName": "A",
   "lastName": "L", "groups": ["picket-admins"],
   "credentials": [{"type": "password", "value": "$OIDC_PASSWORD", "temporary": false}]}]}
REALM
}

start() {
  fetch
  describe
  if ! { [ -s "$folder/pid" ] && kill -0 "$(cat "$folder/pid")" 2>/dev/null; }; then
    (
      cd "$home"
      export KC_BOOTSTRAP_ADMIN_USERNAME=admin KC_BOOTSTRAP_ADMIN_PASSWORD="$KC_ADMIN" JAVA_OPTS_KC_HEAP="-Xms64m -Xmx512m"
      exec setsid bin/kc.sh start-dev --http-host=127.0.0.1 --http-port="$port" --http-management-port=$((port + 1000)) \
        --import-realm --cache=local > "$folder/out.log" 2>&1 < /dev/null
    ) &
    echo $! > "$folder/pid"
  fi
  for _ in $(seq 1 600); do
    curl -sf "$OIDC_ISSUER/.well-known/openid-configuration" > /dev/null && return
    kill -0 "$(cat "$folder/pid")" 2>/dev/null || { tail -20 "$folder/out.log" >&2; exit 1; }
    sleep 0.3
  done
  echo "it did not answer within three minutes" >&2
  exit 1
}

case $command in
  start) start ;;
  stop) stop ;;
  *) echo "usage: keycloak.sh start FOLDER [PORT] | stop FOLDER" >&2; exit 2 ;;
esac
