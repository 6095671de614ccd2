#!/bin/sh
# Takes a resource out of use without losing anything, for example so that nobody can
# connect to it.  .resource.state is "suspended", or "kept" if its customer has removed it
# and settings.json has "keep": then it is suspended until it is restored or removed.
# This cannot be refused.  Without this hook, nothing happens.
set -eu
input=$(cat)
get() {
	printf %s "$input" | jq -r "$1 // empty" # Debian package: jq
}
id=$(get .resource.uuid)

echo "not implemented: take $id out of use" >&2
