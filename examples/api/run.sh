#!/bin/bash
# Runs a program with curl alone and prints what it wrote.
# Needs CRUCIBLE_API_KEY, for example: CRUCIBLE_API_KEY=$(cat data/admin-key) examples/api/run.sh
set -euo pipefail

url=${CRUCIBLE_URL:-http://127.0.0.1:3000}/api/v1
auth="Authorization: Bearer ${CRUCIBLE_API_KEY:?is not set}"

# wait=30: the reply comes when the program has ended, or after 30 s. The key makes a repeated request harmless.
evaluation=$(curl --fail-with-body -sS -X POST "$url/evaluations?wait=30" \
  -H "$auth" -H 'Content-Type: application/json' -H "Idempotency-Key: $(cat /proc/sys/kernel/random/uuid)" \
  -d '{"language": "python", "code": "print(6 * 7)", "limits": {"wallMs": 5000}}')
id=$(sed -E 's/.*"id":"(evl_[0-9a-z]+)".*/\1/' <<<"$evaluation")
echo "$id $(sed -E 's/.*"verdict":"?([a-z_]+).*/\1/' <<<"$evaluation")"

curl --fail-with-body -sS "$url/evaluations/$id/output?stream=stdout" -H "$auth"
