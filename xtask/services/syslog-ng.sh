#!/usr/bin/env bash
# syslog-ng.sh start FOLDER [PORT] | stop FOLDER
# syslog-ng as a private receiver, from packages of Debian that are not installed. From PORT on: RFC 5425; plain TCP by octet counting; plain
# TCP by lines; TLS for clients with a certificate of the authority; TLS for the client picket.example alone; TLS by lines. Its messages stand
# in FOLDER/out.log.
set -euo pipefail
command=$1; mkdir -p "$2"; folder=$(cd "$2" && pwd); port=${3:-16525}
. "$(dirname "$0")/common.sh"
stop
[ "$command" = start ] || exit 0
unpacked syslog-ng-core libivykis0 libnet1 libpcre3 libwrap0
parties
rm -f "$folder/out.log"
server="key-file(\"$folder/server.key\") cert-file(\"$folder/server.pem\")"
cat > "$folder/syslog-ng.conf" <<C
@version: 3.38
options { keep-hostname(yes); use-dns(no); stats-freq(0); log-msg-size(65536); };
template t_raw { template("\${ISODATE}|\${HOST}|\${PROGRAM}|\${MSGID}|\${SDATA}|\${MSG}\n"); };
source s_all {
  syslog(ip(127.0.0.1) port($port) transport("tls") tls($server peer-verify(optional-untrusted)));
  syslog(ip(127.0.0.1) port($((port + 1))) transport("tcp"));
  network(ip(127.0.0.1) port($((port + 2))) transport("tcp") flags(syslog-protocol));
  syslog(ip(127.0.0.1) port($((port + 3))) transport("tls") tls($server ca-file("$folder/ca.pem") peer-verify(required-trusted)));
  syslog(ip(127.0.0.1) port($((port + 4))) transport("tls")
    tls($server ca-file("$folder/ca.pem") peer-verify(required-trusted) trusted-dn("CN=picket.example")));
  network(ip(127.0.0.1) port($((port + 5))) transport("tls") flags(syslog-protocol) tls($server peer-verify(optional-untrusted)));
};
destination d_out { file("$folder/out.log" template(t_raw)); };
log { source(s_all); destination(d_out); flags(flow-control); };
C
libs=$folder/root/usr/lib
( export LD_LIBRARY_PATH="$libs/syslog-ng:$libs/$(uname -m)-linux-gnu:$folder/root/lib/$(uname -m)-linux-gnu"
  exec setsid "$folder/root/usr/sbin/syslog-ng" -F --no-caps -f "$folder/syslog-ng.conf" --module-path="$(echo "$libs"/syslog-ng/*/)" \
    -R "$folder/persist" -c "$folder/ctl" -p "$folder/self.pid" > "$folder/err.log" 2>&1 < /dev/null ) & echo $! > "$folder/pid"
wait_for "$folder/pid" "$folder/err.log" bash -c "exec 3<>/dev/tcp/127.0.0.1/$((port + 5))"
{
  printf 'TLS=127.0.0.1:%s\nTCP=127.0.0.1:%s\nLINES=127.0.0.1:%s\n' "$port" "$((port + 1))" "$((port + 2))"
  printf 'MUTUAL=127.0.0.1:%s\nNAMED=127.0.0.1:%s\nTLS_LINES=127.0.0.1:%s\n' "$((port + 3))" "$((port + 4))" "$((port + 5))"
  told_parties
} > "$folder/env"
