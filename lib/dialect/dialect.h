/*
 * dialect.h - how one marketplace words what they all say.
 *
 * A dialect is data: a constant of struct dialect per marketplace and version,
 * in a file of its own, lib/dialect/NAME.c, that defines dialect_NAME.  The
 * build collects those files; adding one changes nothing else.  The reader and
 * the writer here are shared by all.  A dialect translates and decides
 * nothing.
 */
#ifndef LIB_DIALECT_DIALECT_H
#define LIB_DIALECT_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/outcome.h"
#include "lib/crypto/digest.h"

struct arena;
struct json;

enum { DIALECT_MOST_OPTIONS = 64 };

/* What a provision request says, in no marketplace's words.  Absent is NULL. */
struct provision {
	const char *key; /* the marketplace's id of the resource */
	const char *plan;
	const char *region;
	const char *name;
	const struct json *options; /* an object of texts, never NULL */
	struct json *owner; /* an object of who asks, as they named it */
	const char *callback_url;
	const char *log_input_url;
	const char *log_drain_token;
	const char *grant_code;
	int64_t grant_expires_at; /* seconds since 1970; 0: not said */
	/* What must not differ when the request comes again: SHA-256 of the
	 * canonical JSON of plan, region and options. */
	char asked[DIGEST_SHA256_HEX + 1];
};

enum dialect_kind {
	DIALECT_TEXT,    /* up to longest characters */
	DIALECT_UUID,    /* 36 characters, kept in lower case */
	DIALECT_OPTIONS, /* an object whose values are texts */
	DIALECT_OWNER,   /* a text that becomes a member of owner */
	DIALECT_GRANT,   /* an OAuth grant: code, expires_at */
	DIALECT_UNKEPT   /* a text that is checked and dropped */
};

/* A member of a provision request.  One that is not required may be absent or
 * null. */
struct dialect_field {
	const char *name;
	enum dialect_kind kind;
	size_t member; /* offset in struct provision, for TEXT and UUID */
	int longest;   /* in characters, for TEXT, OWNER and UNKEPT */
	bool required; /* for TEXT: not empty either */
};

enum { DIALECT_TOKENS = 2, DIALECT_TOKEN_PARTS = 6 };

/* Among the parts of a token: the add-on's salt. */
#define DIALECT_SALT ""

/*
 * A token of single sign-on: the digest of fields of the form and of the salt,
 * joined by colons, in lower-case hexadecimal digits.
 */
struct dialect_token {
	const char *field; /* that it is in */
	enum digest_kind digest;
	const char *parts[DIALECT_TOKEN_PARTS]; /* up to NULL, in their order */
	const char *id; /* the part that names the resource ... */
	bool id_is_key; /* ... by the marketplace's id rather than by ours */
};

/* How a marketplace sends its customers' browsers.  What is NULL it does not
 * send; moments are in milliseconds. */
struct dialect_sso {
	/* The strongest first, up to one whose field is NULL.  The first that
	 * a form has decides. */
	const struct dialect_token *tokens;
	const char *time; /* the part that tells when it was made ... */
	int64_t unit;     /* ... in units of this */
	int64_t oldest;   /* how long it is good, and how far ahead of us ... */
	int64_t newest;   /* ... the marketplace's clock may be */
	const char *user; /* fields: the user's id, ... */
	const char *email;
	const char *app; /* the app, by its name */
	bool takes_get;  /* also a GET of the resource's own path */
	/* What the page of old has: the field nav-data as a cookie, and a place
	 * for the marketplace's header. */
	bool has_header;
};

struct dialect {
	const char *name;        /* in logs */
	const char *marketplace; /* the folder its add-ons' homes stand in */
	const char *version;     /* the manifest's api.version */
	bool is_default;         /* where a manifest names no version */

	/* Appended to a base_url whose path does not end in it. */
	const char *resources_path;

	/* Up to one whose name is NULL. */
	const struct dialect_field *fields;

	/* Later calls name the resource by the marketplace's id, which is a
	 * UUID, rather than by the one we answered.  Both are found. */
	bool path_has_key;

	/* The key names an app and not an installation: after a deprovision
	 * the same one may ask for a resource again, and gets a new one. */
	bool key_returns;

	/* A deprovision of what was never seen leaves a tombstone, since its
	 * provision may still be under way, and is answered as gone. */
	bool buries_unseen;

	/* A provision may be promised for later, and is then completed with
	 * the marketplace's own API. */
	bool may_promise;

	/* Statuses of what went well. */
	int provisioned;
	int plan_changed;
	int deprovisioned;       /* 204: no body */
	int deprovisioned_again; /* a second time */

	const struct dialect_sso *sso;
};

/* All there are, up to NULL; collected by the build. */
extern const struct dialect *const dialects[];

/* NULL when marketplace or version is unknown; version NULL is the default. */
const struct dialect *dialect_find(const char *marketplace,
				   const char *version);

/*
 * Read a provision request.  On OUTCOME_INVALID *complaint is a sentence for
 * the customer.
 */
enum outcome dialect_read_provision(const struct dialect *dialect,
				    struct arena *arena,
				    const struct json *body,
				    struct provision *wanted,
				    const char **complaint);

/* Set wanted->asked, by its plan, region and options.  False when the
 * cryptography fails. */
bool dialect_digest_asked(struct arena *arena, struct provision *wanted);

/* Read a plan change; as above. */
enum outcome dialect_read_plan(const struct dialect *dialect,
			       struct arena *arena, const struct json *body,
			       const char **plan, const char **complaint);

/* What an answer tells of a resource.  NULL is left out. */
struct dialect_answer {
	const char *id;
	const struct json *config;
	const char *message;
	const char *log_drain_url;
};

/* The JSON text of an answer; the same for the same content. */
const char *dialect_write(struct arena *arena,
			  const struct dialect_answer *answer);

#endif
