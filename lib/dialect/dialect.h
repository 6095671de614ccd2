/*
 * dialect.h - the wire format of one marketplace.
 *
 * A dialect is data: one constant of struct dialect per marketplace and API
 * version.  A dialect translates requests and responses and makes no decision.
 * To add a marketplace, add the file lib/dialect/NAME.c that defines
 * dialect_NAME.  The build collects these files, so no other file changes.
 *
 * The functions below use this data to read and write for all dialects.
 */
#ifndef LIB_DIALECT_DIALECT_H
#define LIB_DIALECT_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/base/outcome.h"
#include "lib/crypto/digest.h"

struct arena;
struct json;

enum { DIALECT_MAX_OPTIONS = 64 };

/* A provision request, independent of the marketplace.  NULL: absent. */
struct provision_request {
	const char *key; /* the marketplace's id of the resource */
	const char *plan;
	const char *region;
	const char *name;
	const struct json *options; /* an object of strings, never NULL */
	struct json *owner; /* the members that name the customer or app */
	const char *callback_url;
	const char *log_input_url;
	const char *logplex_token;
	const char *log_drain_token;
	const char *grant_code;
	int64_t grant_expires_at; /* seconds since 1970; 0: absent */
	/* SHA-256 of the canonical JSON of plan, region and options, which a
	 * repeated request must not change. */
	char digest[DIGEST_SHA256_HEX + 1];
};

/* How the value of a member is checked and stored. */
enum dialect_kind {
	DIALECT_TEXT,    /* a string */
	DIALECT_UUID,    /* 36 characters; stored in lower case */
	DIALECT_OPTIONS, /* an object whose values are strings */
	DIALECT_OWNER,   /* a string; stored as a member of owner */
	DIALECT_GRANT    /* an OAuth grant: an object of code and expires_at */
};

/* A member of the body of a provision request.  Unless it is required, it may
 * be absent or null. */
struct dialect_field {
	const char *name;
	enum dialect_kind kind;
	size_t member;  /* of TEXT and UUID: offset in the request */
	int max_length; /* of TEXT and OWNER: in characters */
	bool required;  /* a required TEXT must not be empty either */
};

enum { DIALECT_MAX_TOKENS = 2, DIALECT_MAX_TOKEN_PARTS = 6 };

/* The place of the add-on's salt among the parts of a token. */
#define DIALECT_SALT ""

/*
 * A token of single sign-on: the digest, in lower-case hexadecimal digits, of
 * form fields and the salt, joined by colons.
 */
struct dialect_token {
	const char *field; /* the form field with the token */
	enum digest_kind digest;
	/* The names of the fields in order, ending with NULL. */
	const char *parts[DIALECT_MAX_TOKEN_PARTS];
	const char *id; /* the part that identifies the resource */
	bool id_is_key; /* that part is not our id but the marketplace's */
};

/* Single sign-on.  The name of a field is NULL if the marketplace does not send
 * it; times are in milliseconds. */
struct dialect_sso {
	/* The tokens, strongest first, ending with one whose field is NULL.
	 * The first one that a form contains decides. */
	const struct dialect_token *tokens;
	const char *timestamp; /* the signed field with the token's time */
	int64_t unit;          /* the unit of the timestamp */
	int64_t max_age;       /* how long a token is valid */
	int64_t max_skew; /* how far its timestamp may be ahead of our clock */
	const char *user; /* the field with the user's id */
	const char *email;
	const char *app;  /* the field with the name of the app */
	bool accepts_get; /* GET of the resource's path signs on too */
	/*
	 * Copy the field nav-data to a cookie, and leave a place on the page
	 * for the marketplace's header, which the marketplace's script fills.
	 */
	bool has_nav_header;
};

struct dialect {
	const char *name;        /* in the log */
	const char *marketplace; /* the directory of its add-ons' homes */
	const char *version;     /* the manifest's api.version */
	bool is_default;         /* also for a manifest without api.version */

	/* Appended to a base_url whose path does not end with it. */
	const char *resources_path;

	/* The last field has a NULL name. */
	const struct dialect_field *fields;

	/*
	 * If true, later requests identify the resource by the marketplace's
	 * id, which is a UUID; otherwise by the id in our response.  Both ids
	 * are accepted.
	 */
	bool path_has_key;

	/* The key identifies an app and not an installation: after a
	 * deprovision, a request with the same key creates a new resource. */
	bool key_returns;

	/* Deprovisioning an unknown resource stores a tombstone, because its
	 * provision request may still arrive, and the response is "gone". */
	bool buries_unseen;

	/* A provision or a plan change may be accepted now and completed later,
	 * with calls to the marketplace's own API. */
	bool may_promise;

	/* Status codes of successful responses. */
	int provisioned;
	int plan_changed;
	int deprovisioned;       /* 204: the response has no body */
	int deprovisioned_again; /* for a repeated request */

	const struct dialect_sso *sso;
};

/* All dialects, ending with NULL.  The build generates this table. */
extern const struct dialect *const dialects[];

/* Find the dialect of a marketplace; if version is NULL, its default.  Return
 * NULL if either is unknown. */
const struct dialect *dialect_find(const char *marketplace,
				   const char *version);

/*
 * Read a provision request from body, which is an object.
 *
 * OUTCOME_INVALID  *message is a sentence for the customer
 * OUTCOME_BROKEN   OpenSSL failed
 */
MUST_CHECK enum outcome
dialect_read_provision(const struct dialect *dialect, struct arena *arena,
		       const struct json *body,
		       struct provision_request *request, const char **message);

/* Set request->digest from its plan, region and options.  Return false if
 * OpenSSL fails. */
MUST_CHECK bool dialect_digest_request(struct arena *arena,
				       struct provision_request *request);

/* Read the plan of a plan change from body, which is an object.  Return
 * OUTCOME_INVALID as dialect_read_provision() does. */
MUST_CHECK enum outcome dialect_read_plan(const struct dialect *dialect,
					  struct arena *arena,
					  const struct json *body,
					  const char **plan,
					  const char **message);

/* The members of a response.  NULL members are left out. */
struct dialect_response {
	const char *id;
	const struct json *config;
	const char *message;
	const char *log_drain_url;
};

/* Return response as JSON text; equal responses give equal text. */
const char *dialect_write_response(struct arena *arena,
				   const struct dialect_response *response);

#endif
