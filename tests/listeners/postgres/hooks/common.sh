# What the hooks beside it share.  They stand in the home, which also has
#
#	pg_service.conf   [admin], a role with CREATEDB and CREATEROLE: host, port,
#	                  dbname=postgres, user
#	.pgpass           its password, mode 0600
#	host              where customers find the server: "db.example.com:5432"
#	plans             "basic 5": a plan and its connections, one a line
#
# Whatever was killed, the same call comes again: each step looks first.
set -eu
export PGSERVICEFILE="$HOME/pg_service.conf" PGPASSFILE="$HOME/.pgpass"
export PGSERVICE=admin PGCONNECT_TIMEOUT=5
call=$(cat)

# A member of the document, such as .resource.plan.
get() {
	printf %s "$call" | jq -er "$1"
}

# Nothing but the answer belongs on standard output.
run_sql() {
	psql -XqAt -w -v ON_ERROR_STOP=1 -v id="$id" "$@" >&2
}

# What cannot be had is no failure: the customer is told.
refuse() {
	printf '{"message":"%s"}\n' "$1"
	exit 65
}

connections_of() {
	while read -r name connections; do
		test "$name" != "$1" || echo "$connections"
	done <"$HOME/plans"
}

id=$(get .resource.uuid)
