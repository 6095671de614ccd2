# Functions of the hooks in this folder.  The home also contains these files:
#
#	pg_service.conf   [admin], a role with CREATEDB and CREATEROLE: host, port,
#	                  dbname=postgres, user
#	.pgpass           its password, mode 0600
#	host              the server's address for customers: "db.example.com:5432"
#	plans             one plan per line, with its number of connections: "basic 5"
#
# A call can be repeated after a crash, so each step checks what exists.
set -eu
export PGSERVICEFILE="$HOME/pg_service.conf" PGPASSFILE="$HOME/.pgpass"
export PGSERVICE=admin PGCONNECT_TIMEOUT=5
call=$(cat)

# Prints a member of the input, such as .resource.plan.
get() {
	printf %s "$call" | jq -er "$1"
}

# Standard output is only for the result.
run_sql() {
	psql -XqAt -w -v ON_ERROR_STOP=1 -v id="$id" "$@" >&2
}

# Refuses the request, with a message for the customer.
refuse() {
	printf '{"message":"%s"}\n' "$1"
	exit 65
}

connections_of() {
	while read -r name connections; do
		test "$name" != "$1" || echo "$connections"
	done <"$HOME/plans"
}

# Each attempt sets a new password: the customer gets the last one.  \password sends
# only a hash to the server, because statements can appear in the server's log.
# Without a terminal, it reads standard input.
answer_with_password() {
	password=$(openssl rand -hex 24)
	printf '%s\n' "$password" "$password" | run_sql -c "\\password \"$id\""
	name=$(jq -r '.api.config_vars[0]' addon-manifest.json)
	printf '{"config":{"%s":"postgres://%s:%s@%s/%s"}}\n' \
		"$name" "$id" "$password" "$(cat host)" "$id"
}

id=$(get .resource.uuid)
