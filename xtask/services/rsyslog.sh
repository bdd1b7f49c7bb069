#!/usr/bin/env bash
# rsyslog.sh start FOLDER [PORT] | stop FOLDER
# rsyslog as a private receiver, from packages of Debian that are not installed. From PORT on: RFC 5425; plain TCP; TLS for clients with a
# certificate of the authority; TLS for the client picket.example alone. Its messages stand in FOLDER/out.log.
set -euo pipefail
command=$1; mkdir -p "$2"; folder=$(cd "$2" && pwd); port=${3:-16515}
. "$(dirname "$0")/common.sh"
stop
[ "$command" = start ] || exit 0
unpacked rsyslog rsyslog-gnutls libestr0 libfastjson4
parties
rm -f "$folder/out.log"
cat > "$folder/rsyslog.conf" <<C
global(workDirectory="$folder" defaultNetstreamDriverCAFile="$folder/ca.pem" defaultNetstreamDriverCertFile="$folder/server.pem" defaultNetstreamDriverKeyFile="$folder/server.key")
module(load="imtcp")
template(name="raw" type="string" string="%timereported:::date-rfc3339%|%hostname%|%app-name%|%msgid%|%structured-data%|%msg%\n")
input(type="imtcp" port="$port" address="127.0.0.1" streamdriver.name="gtls" streamdriver.mode="1" streamdriver.authmode="anon" ruleset="r")
input(type="imtcp" port="$((port + 1))" address="127.0.0.1" ruleset="r")
input(type="imtcp" port="$((port + 2))" address="127.0.0.1" streamdriver.name="gtls" streamdriver.mode="1" streamdriver.authmode="x509/certvalid" ruleset="r")
input(type="imtcp" port="$((port + 3))" address="127.0.0.1" streamdriver.name="gtls" streamdriver.mode="1" streamdriver.authmode="x509/name" permittedpeer=["picket.example"] ruleset="r")
ruleset(name="r") { action(type="omfile" file="$folder/out.log" template="raw" asyncWriting="off") }
C
libs=$folder/root/usr/lib/$(uname -m)-linux-gnu
( export LD_LIBRARY_PATH="$libs:$folder/root/lib/$(uname -m)-linux-gnu"
  exec setsid "$folder/root/usr/sbin/rsyslogd" -n -f "$folder/rsyslog.conf" -i NONE -M "$libs/rsyslog/" > "$folder/err.log" 2>&1 < /dev/null ) & echo $! > "$folder/pid"
wait_for "$folder/pid" "$folder/err.log" bash -c "exec 3<>/dev/tcp/127.0.0.1/$((port + 1))"
{
  printf 'TLS=127.0.0.1:%s\nTCP=127.0.0.1:%s\nLINES=127.0.0.1:%s\n' "$port" "$((port + 1))" "$((port + 1))"
  printf 'MUTUAL=127.0.0.1:%s\nNAMED=127.0.0.1:%s\n' "$((port + 2))" "$((port + 3))"
  told_parties
} > "$folder/env"
