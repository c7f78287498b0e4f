#!/bin/bash
# Submits a program that takes its time and follows it live: each event is a line of JSON after "data:".
# An interrupted follower goes on where it was with -H "Last-Event-ID: <the last id it saw>".
set -euo pipefail

url=${CRUCIBLE_URL:-http://127.0.0.1:3000}/api/v1
auth="Authorization: Bearer ${CRUCIBLE_API_KEY:?is not set}"

id=$(curl --fail-with-body -sS -X POST "$url/evaluations" \
  -H "$auth" -H 'Content-Type: application/json' -H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" \
  -d '{"language": "bash", "code": "for n in 1 2 3; do echo $n; sleep 0.2; done"}' |
  sed -E 's/.*"id":"(evl_[0-9a-z]+)".*/\1/')

# The stream ends by itself after its last event, "finished".
curl --fail-with-body -sS -N "$url/evaluations/$id/stream" -H "$auth" -H 'Accept: text/event-stream'
