#!/usr/bin/env bash
# kafka.sh start FOLDER [NODES] [PORT] | stop FOLDER
# Apache Kafka in KRaft mode, from Maven Central, each node a broker and a controller, with the topic picket-events (3 partitions). With three
# nodes each partition has three replicas, of which two have to be in sync. Node N listens on PORT + N - 1.
set -euo pipefail
command=$1; mkdir -p "$2"; folder=$(cd "$2" && pwd); nodes=${3:-1}; port=${4:-19092}
. "$(dirname "$0")/common.sh"
version=${KAFKA_VERSION:-4.4.0}; libs=$folder/libs-$version
stop
[ "$command" = start ] || exit 0
if [ ! -e "$libs/.done" ]; then
  mkdir -p "$libs" "$folder/pom"
  cat > "$folder/pom/pom.xml" <<X
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>t</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging><dependencies>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>$version</version></dependency>
<dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>$version</version></dependency>
<dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.25.1</version></dependency>
</dependencies></project>
X
  mvn -q -B -f "$folder/pom/pom.xml" dependency:copy-dependencies -DoutputDirectory="$libs" -DincludeScope=runtime
  touch "$libs/.done"
fi
cat > "$folder/log4j2.properties" <<'X'
rootLogger.level = warn
rootLogger.appenderRef.c.ref = C
appender.c.type = Console
appender.c.name = C
appender.c.layout.type = PatternLayout
appender.c.layout.pattern = %d %p %c{1} %m%n
logger.k.name = kafka.server.KafkaRaftServer
logger.k.level = info
X
run=(java -Xmx384m -Xms128m -XX:+UseSerialGC "-Dlog4j2.configurationFile=$folder/log4j2.properties" -cp "$libs/*")
replicas=$((nodes < 3 ? nodes : 3)); in_sync=$((nodes < 3 ? 1 : 2))
voters='' brokers=''
for n in $(seq "$nodes"); do
  voters+="${voters:+,}$n@127.0.0.1:$((port + 999 + n))"; brokers+="${brokers:+,}127.0.0.1:$((port + n - 1))"
done
cluster=$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')
rm -rf "$folder"/n[0-9]*
for n in $(seq "$nodes"); do
  node=$folder/n$n; own=$((port + n - 1)); mkdir -p "$node"
  cat > "$node/server.properties" <<X
process.roles=broker,controller
node.id=$n
controller.quorum.voters=$voters
listeners=PLAINTEXT://127.0.0.1:$own,CONTROLLER://127.0.0.1:$((own + 1000))
advertised.listeners=PLAINTEXT://127.0.0.1:$own
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs=$node/data
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=$replicas
transaction.state.log.replication.factor=$replicas
transaction.state.log.min.isr=$in_sync
share.coordinator.state.topic.replication.factor=$replicas
share.coordinator.state.topic.min.isr=$in_sync
log.cleaner.dedupe.buffer.size=16777216
X
  "${run[@]}" kafka.tools.StorageTool format -t "$cluster" -c "$node/server.properties" > "$node/format.log" 2>&1
  ( cd "$node"; exec setsid "${run[@]}" kafka.Kafka server.properties > "$node/out.log" 2>&1 < /dev/null ) & echo $! > "$node/pid"
done
for n in $(seq "$nodes"); do wait_for "$folder/n$n/pid" "$folder/n$n/out.log" grep -q "Kafka Server started" "$folder/n$n/out.log"; done
"${run[@]}" org.apache.kafka.tools.TopicCommand --bootstrap-server "127.0.0.1:$port" --create --topic picket-events --partitions 3 \
  --replication-factor "$replicas" --config "min.insync.replicas=$in_sync" > "$folder/topic.log" 2>&1 || { cat "$folder/topic.log" >&2; exit 1; }
{
  printf 'BROKERS=%s\nTOPIC=picket-events\nLIBS=%s\n' "$brokers" "$libs"
  for n in $(seq "$nodes"); do printf 'PID_%s=%s\n' "$n" "$(cat "$folder/n$n/pid")"; done
} > "$folder/env"
