/*
 * marketplace.h - the marketplace that verify serves, for providers that
 * respond to a create with 202.
 *
 * A process of its own serves what such a provider calls: the exchange and the
 * refresh of tokens (id.heroku.com), and an add-on's config vars and state
 * (api.heroku.com, version 3), all at one address.  It reports each call, and
 * what is wrong with it.
 *
 * An access token does not expire, but a refresh replaces it.
 */
#ifndef LIB_VERIFY_MARKETPLACE_H
#define LIB_VERIFY_MARKETPLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"

struct arena;
struct marketplace;

struct marketplace_place {
	const char *url;    /* without a path; the port is listened on */
	const char *pem;    /* certificate and private key; NULL: no TLS */
	const char *secret; /* the client secret; NULL: any */
};

/* What happens to the calls for a resource. */
enum marketplace_manner {
	MARKETPLACE_PLAIN,
	MARKETPLACE_EXPIRING, /* the first access token is refused with 401 */
	MARKETPLACE_BUSY      /* the first call gets 503, the second 429 */
};

enum marketplace_call {
	MARKETPLACE_EXCHANGE,
	MARKETPLACE_REFRESH,
	MARKETPLACE_READ,       /* the add-on, or its config vars */
	MARKETPLACE_SET_CONFIG, /* PATCH */
	MARKETPLACE_PROVISION,  /* the end of the provisioning */
	MARKETPLACE_DEPROVISION,
	MARKETPLACE_CALLS
};

/* What is wrong with a call. */
enum marketplace_fault {
	MARKETPLACE_RIGHT,
	MARKETPLACE_TURNED_AWAY, /* nothing: the marketplace turned it away */
	MARKETPLACE_NO_FORM,     /* not a form with a code or token that was
				    given */
	MARKETPLACE_SECRET,      /* another client secret */
	MARKETPLACE_REPEATED,    /* the code was used before */
	MARKETPLACE_VERSION,     /* Accept does not ask for version 3 */
	MARKETPLACE_TOKEN,       /* no access token, or another one */
	MARKETPLACE_BODY,        /* config vars are not as PATCH needs them */
	MARKETPLACE_EARLY,       /* provisioned before it had config vars */
	MARKETPLACE_FAULTS
};

/* What the provider has done for a resource. */
struct marketplace_record {
	int calls[MARKETPLACE_CALLS][MARKETPLACE_FAULTS];
	const struct json *config; /* an object of the last PATCH, or NULL */
};

/* Start the process.  Return NULL after setting *why to what hinders it, as a
 * sentence.  The marketplace belongs to the arena, and ends with the caller at
 * the latest. */
MUST_CHECK struct marketplace *
marketplace_open(struct arena *arena, const struct marketplace_place *place,
		 const char **why);
void marketplace_close(struct marketplace *marketplace); /* NULL: nothing */

/* Return what is known of a resource; with the key "", of token requests that
 * name none. */
MUST_CHECK const struct marketplace_record *
marketplace_record(struct marketplace *marketplace, const char *key);

/* Return true if the resource was marked as provisioned. */
MUST_CHECK bool marketplace_has_ended(const struct marketplace_record *record);

/* Wait until the resource was marked as provisioned, or until a time of
 * clock_now().  Then return what is known of it. */
MUST_CHECK const struct marketplace_record *
marketplace_await_end(struct marketplace *marketplace, const char *key,
		      int64_t until);

#endif
