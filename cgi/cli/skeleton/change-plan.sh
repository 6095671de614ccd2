#!/bin/sh
# Changes a resource from .resource.old_plan to .resource.plan.  If the result has
# "config", it replaces all config vars; otherwise they stay as they are.  If
# .resource.state is "suspended", the resource must stay out of use.  Without this hook,
# plans cannot be changed.
#
# If the change takes longer, exit with 75 and "retry_after", as in provision: until it is
# complete, the old plan and the old config vars must stay valid.
set -eu
input=$(cat)
get() {
	printf %s "$input" | jq -r "$1 // empty" # Debian package: jq
}
id=$(get .resource.uuid)
plan=$(get .resource.plan)

echo "not implemented: change $id to plan $plan" >&2

echo '{"message":"Your @TITLE@ is on its new plan."}'
