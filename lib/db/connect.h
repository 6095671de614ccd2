/*
 * connect.h - a connection to whichever server of a list can be had.
 *
 * Part of db.h, for db.c alone.  A connection string may name several hosts,
 * as libpq has it; but libpq would give all the time there is to one that
 * takes the connection and then stays silent.  So they are tried one after
 * another with a share of the time each, that which worked last first.
 */
#ifndef LIB_DB_CONNECT_H
#define LIB_DB_CONNECT_H

#include <stdint.h>

struct arena;
struct db_servers;
struct pg_conn; /* libpq's PGconn */

/* Why there is no connection, or a statement failed. */
struct db_failure {
	char state[6];   /* SQLSTATE; empty where no server spoke */
	char text[1024]; /* on one line */
};

void db_note_failure(struct db_failure *failure, const char *state,
		     const char *text);

/* The servers of a connection string.  The caller ends it with
 * db_servers_close(). */
struct db_servers *db_servers_open(const char *conninfo);
void db_servers_close(struct db_servers *servers); /* NULL does nothing */

/*
 * A connection that is not blocking, by limit, a moment of clock_now(); the
 * caller ends it with PQfinish().  NULL when there is none to be had; why is
 * logged for each server, without any piece of a password, and noted in failure
 * for the last.
 */
struct pg_conn *db_connect(struct db_servers *servers, struct arena *arena,
			   int64_t limit, struct db_failure *failure);

/* The host of a server of the list, "" where it has an address or is libpq's
 * default; NULL behind the last. */
const char *db_servers_host(const struct db_servers *servers, int number);

/* A message of libpq's, which spans lines, on one. */
const char *db_on_one_line(struct arena *arena, const char *message);

#endif
