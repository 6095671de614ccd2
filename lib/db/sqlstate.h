/*
 * sqlstate.h - the meaning of PostgreSQL's error codes for provisor.
 */
#ifndef LIB_DB_SQLSTATE_H
#define LIB_DB_SQLSTATE_H

#include <stdbool.h>

#include "lib/base/outcome.h"
#include "lib/metrics/metrics.h"

struct sqlstate {
	const char *prefix; /* of the code; two characters are a class */
	enum outcome outcome;
	bool drops;         /* the connection cannot be used any more */
	bool quotes;        /* the message may quote a value: do not log it */
	const char *remedy; /* for an operator, or NULL */
};

/* Return the meaning of a code such as "40P01"; never NULL. */
const struct sqlstate *sqlstate_find(const char *code);

/* Return why every write fails that a server refuses with this code. */
enum metrics_write sqlstate_write_trouble(const char *code);

#endif
