#!/bin/sh
# A user signs on to a resource; .user describes the user.  The result may have
# "redirect", the URL to send the browser to, and "session", texts for your own
# application.  Without this hook, users come to the dashboard.
set -eu
input=$(cat)
get() {
	printf %s "$input" | jq -r "$1 // empty" # Debian package: jq
}
id=$(get .resource.uuid)
email=$(get .user.email)

echo "not implemented: $email signs on to $id" >&2
