/*
 * sqlstate.h - what PostgreSQL's error codes mean to us.
 */
#ifndef LIB_DB_SQLSTATE_H
#define LIB_DB_SQLSTATE_H

#include <stdbool.h>

#include "lib/base/outcome.h"

struct sqlstate {
	const char *prefix; /* of the codes; two characters are a class */
	enum outcome outcome;
	bool drops;         /* the connection is of no more use */
	bool quotes;        /* the message may quote a value: never log it */
	const char *remedy; /* what an operator can do, or NULL */
};

/* The meaning of a code such as "40P01"; never NULL. */
const struct sqlstate *sqlstate_find(const char *code);

#endif
