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
	DIALECT_TEXT,         /* a string */
	DIALECT_UUID,         /* 36 characters; stored in lower case */
	DIALECT_OPTIONS,      /* an object whose values are strings */
	DIALECT_METADATA,     /* the same; true, false and numbers are allowed,
				 too, and become strings */
	DIALECT_OWNER,        /* a string; stored as a member of owner */
	DIALECT_GRANT,        /* an OAuth grant: an object of code and
				 expires_at, a time */
	DIALECT_GRANT_SECONDS /* the same; expires_at is a number of seconds
				 since 1970 */
};

enum dialect_need {
	DIALECT_OPTIONAL,
	DIALECT_REQUIRED, /* a TEXT must not be empty either */
	/* Optional, and may be in place of the field before it.  If both have
	 * the same member, and both are present, the first one counts. */
	DIALECT_ALTERNATIVE
};

/* A member of the body of a provision request.  Unless it is required, it may
 * be absent or null. */
struct dialect_field {
	const char *name;
	enum dialect_kind kind;
	size_t member;  /* of TEXT and UUID: offset in the request */
	int max_length; /* of TEXT and OWNER: in characters */
	enum dialect_need need;
};

enum { DIALECT_MAX_TOKENS = 2, DIALECT_MAX_TOKEN_PARTS = 7 };

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
	/* The digest is an HMAC with SHA-256, whose key is the salt. */
	bool is_keyed;
	/* The part that may be empty or absent, which counts as empty. */
	const char *optional;
	/* The marketplace has replaced this form; accepted if settings.json has
	 * "legacy_sign_on": true. */
	bool is_legacy;
};

/* Where a browser may sign on by GET. */
enum dialect_get {
	DIALECT_GET_NOWHERE,
	DIALECT_GET_RESOURCE, /* at the path of its resource */
	DIALECT_GET_SSO_URL   /* at sso_url, with the fields in the query */
};

/* Return true if field is a part of token. */
bool dialect_token_signs(const struct dialect_token *token, const char *field);

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
	const char *app; /* the field with the name of the app */
	enum dialect_get get;
	int refused; /* the status of a refusal; 0: 403 */
	/*
	 * Copy the field nav-data to a cookie, and leave a place on the page
	 * for the marketplace's header, which the marketplace's script fills.
	 */
	bool has_nav_header;
	/* The origins whose pages may show ours in a frame, separated by
	 * blanks; NULL: none. */
	const char *framed_by;
};

/* ---- notifications ---- */

/* What a marketplace may report about its resources. */
enum dialect_event {
	DIALECT_NO_EVENT, /* nothing that concerns us */
	DIALECT_SUSPENDED,
	DIALECT_RESUMED,
	DIALECT_DEPROVISIONED,
	DIALECT_PLAN_CHANGED
};

enum { DIALECT_MAX_REPORTED = 1000 };

struct dialect_notification {
	const char *type; /* the marketplace's name of the event */
	enum dialect_event event;
	int64_t created_at;      /* seconds since 1970 */
	const struct json *keys; /* the marketplace's ids: an array of at most
				    DIALECT_MAX_REPORTED strings */
	const char *plan;        /* of DIALECT_PLAN_CHANGED; NULL: unchanged */
};

/* ---- calls to the marketplace ---- */

/* {id} in path stands for the id of the resource.  If path is NULL, the
 * marketplace does not have this call. */
struct dialect_call {
	const char *method;
	const char *path;
};

enum dialect_authorization {
	DIALECT_BEARER, /* the resource's access token, which the marketplace
			   gives in exchange for its grant */
	DIALECT_BASIC   /* the user and password with which it calls us */
};

/* The marketplace's own API. */
struct dialect_api {
	const char *url;       /* without a slash at its end */
	const char *token_url; /* of DIALECT_BEARER */
	bool is_set_by_host;   /* PROVISOR_PLATFORM_URL and PROVISOR_TOKEN_URL
				  take the place of these two */
	enum dialect_authorization authorization;
	bool sends_json_for_tokens; /* otherwise a form */
	const char *accept;         /* NULL: anything */

	/* {id} is a UUID; in a call, it is in lower case. */
	bool has_uuid;

	/* {id} stands for the app, which is the name of the resource, and not
	 * for the marketplace's id of the resource. */
	bool names_app;

	/* Config vars are an object of names and values, which read_config has
	 * in the member "config"; otherwise an array of objects with name and
	 * value. */
	bool has_config_object;

	/* A resource that can be read is provisioned.  Otherwise, the body has
	 * its state. */
	bool reads_only_provisioned;

	/* A list has several pages, which the header Range chooses. */
	bool pages_by_range;

	struct dialect_call read, read_config, write_config, provisioned,
		deprovisioned, list, new_grant;

	/* Return the list in body as Heroku writes it: an array of objects with
	 * id, state, plan.name ("ADDON:PLAN") and addon_service.name; or
	 * NULL if it is malformed.  NULL: it is such an array. */
	const struct json *(*read_list)(struct arena *arena,
					const struct json *body);
};

/* ---- manifests ---- */

/* How a manifest says what provisor needs to know. */
struct dialect_manifest {
	/* The member that has the others; NULL: the manifest itself. */
	const char *api;
	/* The member with the add-on's id; NULL: the id is the name of the
	 * home. */
	const char *id;
	/* The member with the user name of Basic auth; NULL: it is the id. */
	const char *user;
	/* Its last members, besides those that every manifest has; ends with
	 * NULL.  They have no effect. */
	const char *const *others;
	bool has_version;  /* "version" chooses the dialect */
	bool has_requires; /* "requires" says what the add-on uses */
	/* The member that is true if the add-on drains logs, by https alone;
	 * NULL: "requires" says so. */
	const char *log_drain;
	bool has_plans; /* "plans" lists the plans */
	/* The names of config vars begin with config_vars_prefix, whose default
	 * is the id in capital letters. */
	bool has_prefix;
	const char *region; /* a region that "regions" must contain, or NULL */
	/* Where vendors exchange manifests with the marketplace
	 * (manifest_api.h); NULL: in another way. */
	const char *host;
	/* For provisor manifest lint.  The names of the marketplace's regions,
	 * of which "regions" must have some; ends with NULL.  NULL: any. */
	const char *const *regions;
	bool has_test; /* its test client needs "test" */
	/* The marketplace puts a prefix in front of the names of config vars,
	 * which are declared without it. */
	bool adds_prefix;

	/* provisor init: the manifest of a new add-on, a file of
	 * cgi/cli/skeleton/, and what the vendor does with it, for the list of
	 * next steps; NULL: nothing. */
	const char *skeleton;
	const char *next_step;
};

struct dialect {
	const char *name;        /* in the log */
	const char *marketplace; /* the directory of its add-ons' homes */
	const char *version;     /* the manifest's api.version */
	bool is_default;         /* also for a manifest without api.version */

	/* There is no marketplace: operators create the resources, and nobody
	 * calls.  The manifest has neither a password nor URLs. */
	bool is_direct;

	const struct dialect_manifest *manifest;

	/* Appended to a base_url whose path does not end with it; "": base_url
	 * is the path of the resources itself. */
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

	/* POST at the path of a resource and "/suspend" or "/resume". */
	bool suspends;

	/* Status codes of successful responses.  One of 204 has no body. */
	int provisioned;
	int provisioned_again; /* for a repeated request */
	int plan_changed;
	int deprovisioned;
	int deprovisioned_again;
	int deprovisioned_unknown; /* no resource has the id; 0: 404 */

	/* The member of a response with the reason of a refusal; NULL:
	 * "message". */
	const char *reason;

	const struct dialect_sso *sso;

	const struct dialect_api *api; /* NULL: provisor cannot call it */

	/*
	 * Notifications of the marketplace about its resources are posted to
	 * this path, which is appended as resources_path is; NULL: there are
	 * none.  read_notification reads the body, an object; it returns false
	 * after setting *message to a sentence for the marketplace.
	 */
	const char *notifications_path;
	bool (*read_notification)(struct arena *arena, const struct json *body,
				  struct dialect_notification *notification,
				  const char **message);
};

/* All dialects, ending with NULL.  The build generates this table. */
extern const struct dialect *const dialects[];

/* Find the dialect of a marketplace; if version is NULL, its default.  Return
 * NULL if either is unknown. */
const struct dialect *dialect_find(const char *marketplace,
				   const char *version);

/* Return the names of all marketplaces, such as "cloudcontrol or heroku". */
const char *dialect_marketplaces(struct arena *arena);

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

/* Return true if a token of the dialect signs who the user is. */
MUST_CHECK bool dialect_signs_user(const struct dialect *dialect);

/* Return true if the marketplace has replaced a form of sign-on that the
 * dialect still knows. */
MUST_CHECK bool dialect_has_legacy_sign_on(const struct dialect *dialect);

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
