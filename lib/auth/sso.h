/*
 * sso.h - verifies single sign-on requests.
 *
 * A marketplace vouches for a browser by signing form fields with a digest that
 * includes the add-on's salt.  This module compares the token in constant time
 * with the salts of all add-ons that the request may be for.  The dialect
 * defines how tokens are formed.  This module reads no clock, no settings and
 * no database, so its tests need none of them.
 */
#ifndef LIB_AUTH_SSO_H
#define LIB_AUTH_SSO_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/dialect/dialect.h"

struct addon;
struct addons;
struct arena;
struct form;
struct json;
struct url_path;

/* In the order of the checks. */
enum sso_result {
	SSO_NO_ADDON,  /* no add-on with a salt accepts sign-ons here */
	SSO_NO_TOKEN,  /* no field has a token that the dialect knows */
	SSO_REPEATED,  /* a signed field occurs twice */
	SSO_MISSING,   /* a signed field is absent or empty */
	SSO_MALFORMED, /* a signed field has a colon, so its end is unclear */
	SSO_FORGED,    /* the marketplace did not sign these fields */
	SSO_NO_TIME,   /* signed, but the timestamp is not a number */
	SSO_EXPIRED,   /* signed, but the timestamp is too old */
	SSO_PREMATURE, /* signed, but the timestamp is too far ahead */
	SSO_AMBIGUOUS, /* the salts of more than SSO_MAX_CLAIMS add-ons match */
	SSO_UNDECIDED, /* no salt matches, but that of an unreadable home may */
	SSO_VALID,
	SSO_RESULT_COUNT
};

/* Return the name of a result for the log, in static storage. */
const char *sso_result_name(enum sso_result result);

struct sso_request {
	const struct form *form;
	/* The path of the request; if id is not NULL, of the resources. */
	const struct url_path *path;
	bool is_get;
	const char *id; /* of a GET: the resource in its path, or NULL */
	int64_t now;    /* ms since 1970 */
};

/* The content of a valid request, whose strings it borrows.  NULL: absent. */
struct sso_claim {
	const struct addon *addon;
	bool has_old_salt; /* the salt is being rotated out */
	const char *id;
	bool id_is_key; /* id is the marketplace's and not ours */
	/* NULL unless the deciding token signs them: */
	const char *user;
	const char *email;
	const char *app;      /* never signed */
	const char *nav_data; /* checked: fits into a cookie */
	/* All tokens of the form, ending with NULL. */
	const char *tokens[DIALECT_MAX_TOKENS + 1];
	int64_t valid_until; /* ms since 1970 when all tokens have expired */
};

/* One claim for each add-on whose salt matches.  Add-ons may share a salt: the
 * resource then decides which add-on the browser signs on to. */
enum { SSO_MAX_CLAIMS = 8 };

struct sso_claims {
	/* The add-on that came closest to accepting the request, also if none
	 * did; NULL: no add-on has checked a token. */
	const struct addon *closest;
	int count;
	struct sso_claim list[SSO_MAX_CLAIMS];
};

enum { SSO_MOST_PARAMETERS = 32, SSO_LONGEST_PARAMETER = 256 /* bytes */ };

/*
 * Return the fields that the marketplace passes on for the vendor: all that are
 * not part of any dialect's contract, such as "action" and "context_app", as an
 * object of strings.  No token signs them, so a customer can alter them.
 *
 * If several fields have the same name, the first one counts.  Fields after the
 * 32nd, and those whose name or value is longer than 256 bytes, are left out.
 */
const struct json *sso_parameters(struct arena *arena, const struct form *form);

/* Return true if path accepts sign-ons.  /sso and /sso/login always do.  Other
 * paths do if they are the path of an add-on's sso_url. */
MUST_CHECK bool sso_is_served(const struct addons *addons, struct arena *arena,
			      const struct url_path *path);

/* Return true if path also accepts sign-ons by GET. */
MUST_CHECK bool sso_accepts_get(const struct addons *addons,
				const struct url_path *path);

/* Return true if the path and the method of a request are those of an add-on
 * that has a salt. */
MUST_CHECK bool sso_may_be_for(const struct sso_request *request,
			       const struct addon *addon);

/*
 * Read the claim of a request whose salt is not known: of addon, only id,
 * dialect and accepts_legacy_sign_on need to be set.  Return false if the
 * request would not be valid with any salt.
 */
MUST_CHECK bool sso_read_claim(const struct addon *addon,
			       const struct sso_request *request,
			       struct sso_claim *claim);

/*
 * Verify request.  With SSO_VALID, *claims has at least one claim; otherwise
 * only closest is valid.  The signature is checked before the timestamp, so
 * SSO_EXPIRED implies a valid signature.
 */
MUST_CHECK enum sso_result sso_verify(const struct addons *addons,
				      const struct sso_request *request,
				      struct sso_claims *claims);

#endif
