#!/bin/sh
# URL=https://es.example.com:9200 CURL_CONFIG=curl.conf sh install.sh
# curl.conf holds what curl needs besides, such as: header = "Authorization: ApiKey …"
# WITHOUT_LIFE_CYCLE=1 leaves out for how long events are kept.
set -eu
# The file's name is of the folder where this is called.
case "${CURL_CONFIG:-/}" in /*) ;; *) CURL_CONFIG=$(pwd)/$CURL_CONFIG ;; esac
cd "$(dirname "$0")"
put() {
  curl --silent --show-error --fail-with-body --config "${CURL_CONFIG:-/dev/null}" \
    --request PUT --header 'Content-Type: application/json' --data-binary "@$2" "$URL/$1"
  echo
}
[ -n "${WITHOUT_LIFE_CYCLE:-}" ] || put _ilm/policy/picket-events life-cycle.json
put _component_template/picket-settings component-templates/picket-settings.json
put _component_template/picket-mappings-ecs component-templates/picket-mappings-ecs.json
put _component_template/picket-mappings-aisec component-templates/picket-mappings-aisec.json
put _index_template/logs-picket index-template.json
