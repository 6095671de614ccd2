#include "lib/db/wait.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

#include <libpq-fe.h>

#include "lib/base/clock.h"

bool db_wait(PGconn *connection, short events, int64_t limit)
{
	struct pollfd socket = { PQsocket(connection), events, 0 };
	int64_t left;

	while ((left = limit - clock_now()) > 0) {
		int ready =
			poll(&socket, 1, left < INT_MAX ? (int)left : INT_MAX);

		if (ready > 0)
			return true;
		if (ready < 0 && errno != EINTR)
			return false;
	}
	return false;
}

bool db_has_worked(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

static bool send_queued(PGconn *connection, int64_t limit)
{
	int left;

	while ((left = PQflush(connection)) > 0) {
		if (!db_wait(connection, POLLIN | POLLOUT, limit)
		    || !PQconsumeInput(connection))
			return false;
	}
	return left == 0;
}

static bool await_result(PGconn *connection, int64_t limit)
{
	while (PQisBusy(connection))
		if (!db_wait(connection, POLLIN, limit)
		    || !PQconsumeInput(connection))
			return false;
	return true;
}

PGresult *db_receive(PGconn *connection, int64_t limit)
{
	PGresult *result = NULL;

	if (!send_queued(connection, limit))
		return NULL;
	while (await_result(connection, limit)) {
		PGresult *next = PQgetResult(connection);

		if (!next)
			return result;
		if (result && !db_has_worked(result)) {
			PQclear(next);
			continue;
		}
		PQclear(result);
		result = next;
	}
	PQclear(result);
	return NULL;
}
