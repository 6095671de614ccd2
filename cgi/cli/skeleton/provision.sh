#!/bin/sh
# Creates a resource.  The input is on standard input, the result goes to standard
# output, and standard error is logged; provisor-listener(3) describes them.
#
# After a crash or a lost response, the same call comes again.  Then complete what
# the previous attempt began; do not create a second resource for the same id.
set -eu
input=$(cat)
get() {
	printf %s "$input" | jq -r "$1 // empty" # Debian package: jq
}
id=$(get .resource.uuid)
plan=$(get .resource.plan)

# To refuse the request, now and whenever it is repeated:
#	echo '{"message":"There is no such plan."}'; exit 65
# To be called again in 30 seconds, because the work is not complete:
#	echo '{"retry_after":30,"message":"It takes a minute."}'; exit 75
# Without "message", the customer gets "pending_message" of settings.json.
# Any other status except 0 is a failure, and provisor retries; 70 is final.
#
# If you have ids of your own, add "id" to the result: it becomes .resource.id.
#
# If the manifest's "requires" has "syslog_drain", add "log_drain_url" to the result.
# .resource.log_drain_token tells whose lines arrive there.
#
# To call the marketplace's API, set "platform" in settings.json to true: .platform then
# has the resource's token.

echo "not implemented: create $id on plan $plan" >&2

# Each attempt may generate another token: the customer gets the last one.
token=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')

printf '{"config":{"%s":"%s"},"message":"%s"}\n' '@PREFIX@_URL' \
	"https://example.com/$id?token=$token" 'Your @TITLE@ is ready.'
