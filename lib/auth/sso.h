/*
 * sso.h - whom a marketplace's dashboard sends, and is it really so?
 *
 * The form that a browser brings is judged against the salts of all add-ons
 * that could be meant, in constant time and before the database is asked.  How
 * tokens are made is the dialect's data.
 */
#ifndef LIB_AUTH_SSO_H
#define LIB_AUTH_SSO_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/dialect/dialect.h"

struct addon;
struct addons;
struct form;
struct url_path;

/* What was wrong, ordered by how far the judging came. */
enum sso_verdict {
	SSO_NO_ADDON,  /* none with a salt is signed on to here */
	SSO_NO_TOKEN,  /* in a field that its dialect knows */
	SSO_REPEATED,  /* a signed field is there twice */
	SSO_MISSING,   /* a signed field is absent or empty */
	SSO_MALFORMED, /* a signed field has a colon that could end it */
	SSO_WRONG,     /* the token is not that of these fields */
	SSO_NO_TIME,   /* it is right, but its time is no number */
	SSO_TOO_OLD,
	SSO_TOO_EARLY,
	SSO_AMBIGUOUS, /* it is that of two add-ons */
	SSO_UNDECIDED, /* a home that cannot be read may know the salt */
	SSO_GOOD,
	SSO_VERDICTS
};

/* A word for the log. */
const char *sso_verdict_name(enum sso_verdict verdict);

struct sso_request {
	const struct form *form;
	const struct url_path *path; /* that was called; for a GET of a resource
				    the path of all resources, ... */
	const char *id;              /* ... and that resource; NULL: a POST */
	int64_t now;                 /* ms since 1970 */
};

/* What a good token says.  Texts are those of the request; NULL: not said. */
struct sso_claim {
	const struct addon *addon;
	bool has_old_salt; /* one that is being rotated out */
	const char *id;
	bool id_is_key;       /* it is the marketplace's and not ours */
	const char *user;     /* these two are signed, unless the dialect has no
				 token that would ... */
	const char *email;    /* ... sign them */
	const char *app;      /* never signed */
	const char *nav_data; /* fit to be a cookie */
	/* All tokens that the form has, up to NULL, and until when they are
	 * good, in ms since 1970. */
	const char *tokens[DIALECT_MAX_TOKENS + 1];
	int64_t good_until;
};

/* Is this path one at which some add-on is signed on to by POST?  /sso and
 * /sso/login always are. */
bool sso_is_served(const struct addons *addons, const struct url_path *path);

/* Does some add-on with its resources at path take a GET? */
bool sso_takes_get(const struct addons *addons, const struct url_path *path);

/* Judge it.  The claim is of use only if that is SSO_GOOD. */
enum sso_verdict sso_judge(const struct addons *addons,
			   const struct sso_request *request,
			   struct sso_claim *claim);

#endif
