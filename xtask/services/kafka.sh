#!/usr/bin/env bash
# kafka.sh start FOLDER [PORT] | stop FOLDER
# Apache Kafka, one node in KRaft mode, from Maven Central, with the topic picket-events (3 partitions).
set -euo pipefail
command=$1; mkdir -p "$2"; folder=$(cd "$2" && pwd); port=${3:-19092}
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
rm -rf "$folder/node"; mkdir -p "$folder/node"
cat > "$folder/node/server.properties" <<X
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$((port + 1000))
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$((port + 1000))
advertised.listeners=PLAINTEXT://127.0.0.1:$port
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs=$folder/node/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
log.cleaner.dedupe.buffer.size=16777216
X
"${run[@]}" kafka.tools.StorageTool format -t "$(head -c 16 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=')" -c "$folder/node/server.properties" > "$folder/format.log" 2>&1
( cd "$folder/node"; exec setsid "${run[@]}" kafka.Kafka server.properties > "$folder/out.log" 2>&1 < /dev/null ) & echo $! > "$folder/pid"
wait_for "$folder/pid" "$folder/out.log" grep -q "Kafka Server started" "$folder/out.log"
"${run[@]}" org.apache.kafka.tools.TopicCommand --bootstrap-server "127.0.0.1:$port" --create --topic picket-events --partitions 3 > "$folder/topic.log" 2>&1
printf 'BROKER=127.0.0.1:%s\nTOPIC=picket-events\nLIBS=%s\n' "$port" "$libs" > "$folder/env"
