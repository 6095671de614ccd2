/*
 * addon.h - an add-on that this host sells, and its rules.
 *
 * home.h opens the home that describes it.
 */
#ifndef LIB_ADDON_ADDON_H
#define LIB_ADDON_ADDON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/base.h"
#include "lib/text/url_path.h"

struct arena;
struct dialect;
struct file_watch;
struct json;
struct template;

enum addon_listener {
	ADDON_NO_LISTENER,
	ADDON_TEMPLATE, /* template.json */
	ADDON_EXEC,     /* hooks/ */
	ADDON_SO        /* listener.so */
};

/* The valid secrets: the manifest's, then those of also_valid in
 * settings.json. */
struct addon_secrets {
	int count;
	const char **values;
};

struct addon {
	struct arena *arena;      /* owns everything below */
	const char *home;         /* its folder */
	const char *manifest;     /* the name of the manifest in it */
	struct file_watch *files; /* of its folder; NULL: they are missing */
	const struct dialect *dialect;

	/* From the manifest. */
	const char *id;   /* the slug */
	const char *user; /* of Basic auth; usually the id */
	struct addon_secrets passwords;
	bool has_password;             /* the first one is the manifest's */
	struct addon_secrets salts;    /* empty: no single sign-on */
	struct url_path resources;     /* where the marketplace calls */
	struct url_path notifications; /* where it reports events; or empty */
	struct url_path sso; /* its sign-on path, besides /sso; or empty */
	const struct json *config_vars; /* an array of names, or NULL */
	bool writes_logs;               /* "requires" has log_input */
	bool drains_logs;               /* the manifest says so */
	bool drains_by_syslog; /* its log drain may also be syslog:// */

	/* From settings.json. */
	const struct json *plans;       /* an object; NULL: any plan */
	const char *client_secret_file; /* or NULL */
	bool provisions_later;       /* only provisor-jobs runs the listener */
	const char *pending_message; /* for the customer, with a 202; or NULL */
	const char *client_secret;   /* the content of that file, or NULL */
	const char *platform_url;    /* of the marketplace's API; NULL: the
					usual one */
	const char *token_url;       /* likewise */
	const char *dashboard;       /* sign_on_target.h; NULL: our own page */
	int64_t session;             /* ms that a browser stays signed in */
	int64_t keep;                /* ms that a deprovisioned resource can
					be restored; 0: not */
	bool guards_replay;          /* a token can be used once */
	bool requires_user;          /* refuse sign-ons without a signed user */
	bool accepts_legacy_sign_on; /* of the form that the marketplace has
					replaced */
	/* The origins whose pages may show ours in a frame, separated by
	 * blanks; NULL: none.  The default is the marketplace's. */
	const char *framed_by;
	bool gives_platform; /* the listener gets the resource's token
				for the marketplace's API */

	enum addon_listener listener;
	/* For ADDON_EXEC: the hooks that its home had when it was read, a sum
	 * of 1 << enum listener_action. */
	unsigned int hooks;
	/* For ADDON_TEMPLATE; listener_open() sets it. */
	struct template *template;

	/* If false, every call gets 503, and id, passwords and resources may be
	 * missing. */
	bool is_valid;
	/* The home has vanished, and the add-on stays in force. */
	bool is_missing;
	/* The last reading of its home had findings, possibly in a version that
	 * is not in force. */
	bool has_findings;
	/* The previous set had this version, too. */
	bool has_stayed;
};

/*
 * Return true if a resource may have this plan.  from is its present plan, or
 * NULL if the resource is new.  If the result is false, *refusal is a
 * sentence for the customer.
 */
MUST_CHECK bool addon_allows_plan(const struct addon *addon, const char *from,
				  const char *plan, const char **refusal);

/* Return true if the marketplace gives tokens for its API in exchange for
 * grants.
 */
MUST_CHECK bool addon_has_tokens(const struct addon *addon);

/* Return true if provisor can call the marketplace, if need be with a token. */
MUST_CHECK bool addon_may_call(const struct addon *addon);

/* Return true if name is among the manifest's config_vars. */
MUST_CHECK bool addon_declares(const struct addon *addon, const char *name);

#endif
