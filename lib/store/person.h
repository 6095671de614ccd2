/*
 * person.h - finds and erases what is stored about a person.
 *
 * A person is known by an e-mail address; upper and lower case do not matter.
 * All rows that can mention it are read, some of them in each statement, so
 * that no statement takes long.  Values that are sealed cannot be searched.
 *
 * All functions return OUTCOME_OK, the failure of db_run(), or OUTCOME_BROKEN
 * after logging that a row cannot be read.
 */
#ifndef LIB_STORE_PERSON_H
#define LIB_STORE_PERSON_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"

struct arena;
struct db;
struct json;

enum person_place {
	PERSON_RESOURCES, /* names, owners, messages */
	PERSON_SIGN_ONS,  /* events that the person has caused */
	PERSON_EVENTS,    /* texts of other events, and of attempts of jobs */
	PERSON_JOBS,      /* texts of jobs */
	PERSON_PLACES
};

/* Return true if text has the form of an e-mail address. */
MUST_CHECK bool person_is_address(const char *text);

/* Called by person_find() for each row, a JSON object that lives until the call
 * returns.  If it returns false, the search ends. */
struct person_visitor {
	bool (*visit)(void *context, struct arena *arena,
		      enum person_place place, const struct json *row);
	void *context;
};

/* Visit all rows about the person.  The options of a resource are sealed.
 * *is_complete is false if the visitor has ended the search. */
MUST_CHECK enum outcome person_find(struct db *db, const char *address,
				    const struct person_visitor *visitor,
				    bool *is_complete);

/* Return true if the resource, which person_find() has found, keeps its data
 * about the person, because it is live or its clean-up is pending. */
MUST_CHECK bool person_resource_stays(const struct json *resource);

/*
 * Erase the person for the operator actor.  Events stay without the person, and
 * each resource gets one more event that records this, without the address.
 * erased becomes the number of rows in each place.  If this fails, some may be
 * erased; it can be repeated.
 */
MUST_CHECK enum outcome person_forget(struct db *db, const char *address,
				      const char *actor,
				      int64_t erased[PERSON_PLACES]);

#endif
