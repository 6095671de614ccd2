#!/bin/sh
# Changes a resource from .resource.old_plan to .resource.plan.  If the result has
# "config", it replaces all config vars; otherwise they stay as they are.  Without
# this hook, plans cannot be changed.
set -eu
input=$(cat)
get() {
	printf %s "$input" | jq -r "$1 // empty" # Debian package: jq
}
id=$(get .resource.uuid)
plan=$(get .resource.plan)

echo "not implemented: change $id to plan $plan" >&2

echo '{"message":"Your @TITLE@ is on its new plan."}'
