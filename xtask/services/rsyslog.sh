#!/usr/bin/env bash
# rsyslog.sh start FOLDER [TLS_PORT] [TCP_PORT] | stop FOLDER
# rsyslog as a private receiver of RFC 5425 and of plain TCP; its messages stand in FOLDER/out.log, its certificate in FOLDER/ca.pem.
set -euo pipefail
command=$1; mkdir -p "$2"; folder=$(cd "$2" && pwd); tls=${3:-16515}; tcp=${4:-16516}
. "$(dirname "$0")/common.sh"
stop
[ "$command" = start ] || exit 0
if [ ! -s "$folder/server.pem" ]; then
  openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=authority -keyout "$folder/ca.key" -out "$folder/ca.pem" 2>/dev/null
  openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$folder/key.pem" -out "$folder/server.csr" 2>/dev/null
  openssl x509 -req -days 30 -in "$folder/server.csr" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -CAcreateserial -out "$folder/server.pem" \
    -extfile <(echo subjectAltName=DNS:localhost,IP:127.0.0.1) 2>/dev/null
fi
rm -f "$folder/out.log"
cat > "$folder/rsyslog.conf" <<X
global(workDirectory="$folder" defaultNetstreamDriverCAFile="$folder/ca.pem" defaultNetstreamDriverCertFile="$folder/server.pem" defaultNetstreamDriverKeyFile="$folder/key.pem")
module(load="imtcp")
template(name="raw" type="string" string="%timereported:::date-rfc3339%|%hostname%|%app-name%|%msgid%|%structured-data%|%msg%\n")
input(type="imtcp" port="$tls" address="127.0.0.1" streamdriver.name="gtls" streamdriver.mode="1" streamdriver.authmode="anon" ruleset="r")
input(type="imtcp" port="$tcp" address="127.0.0.1" ruleset="r")
ruleset(name="r") { action(type="omfile" file="$folder/out.log" template="raw" asyncWriting="off") }
X
( exec setsid rsyslogd -n -f "$folder/rsyslog.conf" -i NONE > "$folder/err.log" 2>&1 < /dev/null ) & echo $! > "$folder/pid"
wait_for "$folder/pid" "$folder/err.log" bash -c "exec 3<>/dev/tcp/127.0.0.1/$tcp"
fingerprint=$(openssl x509 -in "$folder/server.pem" -noout -fingerprint -sha256 | cut -d= -f2)
printf 'TLS=127.0.0.1:%s\nTCP=127.0.0.1:%s\nCA=%s\nOUT=%s\nFINGERPRINT=%s\n' "$tls" "$tcp" "$folder/ca.pem" "$folder/out.log" "$fingerprint" > "$folder/env"
