/*
 * marketplace_calls.h - answers what a provider calls at the marketplace of
 * verify, and says what is wrong with each call.
 *
 * The paths, forms and bodies are those of Heroku's OAuth endpoint and of its
 * Platform API for Partners, version 3.
 */
#ifndef LIB_VERIFY_MARKETPLACE_CALLS_H
#define LIB_VERIFY_MARKETPLACE_CALLS_H

#include <stddef.h>

#include "lib/base/base.h"
#include "lib/text/uuid.h"
#include "lib/verify/marketplace.h"

struct arena;
struct json;
struct marketplace_state;

struct marketplace_request {
	const char *method, *path;
	const char *accept, *authorization; /* headers, or "" */
	const char *body;
	size_t length;
};

struct marketplace_report {
	char key[UUID_LENGTH + 1]; /* "": no resource is named */
	enum marketplace_call call;
	enum marketplace_fault fault;
};

/* It belongs to the arena of the request. */
struct marketplace_answer {
	int status;
	const struct json *body;
	const char *retry_after; /* seconds, or NULL */
	bool has_report;
	struct marketplace_report report;
	const char *config; /* what the call has set: the text of an object;
			       otherwise NULL */
};

/* Return the state of a marketplace without resources.  secret is borrowed;
 * NULL accepts every client secret. */
MUST_CHECK struct marketplace_state *
marketplace_state_create(struct arena *arena, const char *secret);

MUST_CHECK struct marketplace_answer
marketplace_answer(struct marketplace_state *state, struct arena *arena,
		   const struct marketplace_request *request);

#endif
