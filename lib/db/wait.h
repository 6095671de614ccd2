/*
 * wait.h - waiting for a server no longer than until a limit, which is a
 * moment of clock_now().
 *
 * Part of db.h, for db.c and db_connect.c alone.  Connections are libpq's, and
 * not blocking.
 */
#ifndef LIB_DB_WAIT_H
#define LIB_DB_WAIT_H

#include <stdbool.h>
#include <stdint.h>

struct pg_conn;   /* libpq's PGconn */
struct pg_result; /* libpq's PGresult */

/* Wait until a connection's socket is ready for poll()'s events.  False: the
 * limit came first. */
bool db_wait(struct pg_conn *connection, short events, int64_t limit);

/*
 * What the server answers to all that was sent: its first failure, else its
 * last result, which the caller ends with PQclear().  NULL when it did not
 * answer in time or the connection broke.
 */
struct pg_result *db_receive(struct pg_conn *connection, int64_t limit);

/* Is it a result, and no failure? */
bool db_has_worked(const struct pg_result *result);

#endif
