/*
 * connect.h - connects to one of several servers.
 *
 * libpq would spend all the time on a host that accepts the connection and then
 * stays silent.  So each host is tried with a share of the time, and the one
 * that worked last is tried first.
 */
#ifndef LIB_DB_CONNECT_H
#define LIB_DB_CONNECT_H

#include <stdint.h>

#include "lib/base/base.h"

struct arena;
struct db_servers;
struct timeline;
struct pg_conn; /* libpq's PGconn */

/* Why a connection or statement failed. */
struct db_failure {
	char state[6];   /* SQLSTATE; empty if no server reported one */
	char text[1024]; /* on one line */
};

void db_note_failure(struct db_failure *failure, const char *state,
		     const char *text);

/*
 * Connect by limit, a time of clock_now().  The connection is non-blocking, and
 * the caller closes it with PQfinish(); *timeline is that of the server. Return
 * NULL after logging the reason for each server, without any part of a
 * password; *failure then describes the last server's failure.
 */
MUST_CHECK struct pg_conn *db_connect(struct db_servers *servers,
				      struct arena *arena, int64_t limit,
				      struct timeline *timeline,
				      struct db_failure *failure);

/* Connect to each server that the string names, for up to server_limit ms, and
 * return how many of them are primaries. */
int db_servers_count_primaries(const struct db_servers *servers,
			       int64_t server_limit);

/* If the string names several servers, remember the timelines of all
 * (timeline.h), for up to server_limit ms each: also of the one in use, because
 * the file may have been removed since it was asked.  Nothing is logged. */
void db_servers_look_at_timelines(const struct db_servers *servers,
				  struct arena *arena, int64_t server_limit);

/* Return a message of libpq, which may have several lines, on one line. */
const char *db_on_one_line(struct arena *arena, const char *message);

#endif
