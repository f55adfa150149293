#!/bin/sh
# Spark starts an executor with the one word `executor`; anything else is a command of its own.
set -eu
[ "${1:-}" = executor ] || exec "$@"

set --
number=0  # SPARK_JAVA_OPT_0, _1, ...: one option each, blanks inside allowed
while eval "option=\${SPARK_JAVA_OPT_$number:-}" && [ -n "$option" ]; do
  set -- "$@" "$option"
  number=$((number + 1))
done

exec "$JAVA_HOME/bin/java" "$@" \
  "-Xms$SPARK_EXECUTOR_MEMORY" "-Xmx$SPARK_EXECUTOR_MEMORY" \
  -cp "$SPARK_CONF_DIR:${SPARK_CLASSPATH:+$SPARK_CLASSPATH:}$SPARK_HOME/jars/*" \
  org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend \
  --driver-url "$SPARK_DRIVER_URL" \
  --executor-id "$SPARK_EXECUTOR_ID" \
  --cores "$SPARK_EXECUTOR_CORES" \
  --app-id "$SPARK_APPLICATION_ID" \
  --hostname "$SPARK_EXECUTOR_POD_IP" \
  --resourceProfileId "$SPARK_RESOURCE_PROFILE_ID" \
  --podName "$SPARK_EXECUTOR_POD_NAME"
