/*
 * addon.h - an add-on this host sells, as its home describes it.
 *
 * A home is a folder with the marketplace's own
 * addon-manifest.json, an optional settings.json of ours, and one listener.
 * addon_manifest.c, with addon_mount.c, and addon_settings.c read those two
 * files.
 */
#ifndef LIB_ADDON_ADDON_H
#define LIB_ADDON_ADDON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/text/url_path.h"

struct arena;
struct dialect;
struct findings;
struct json;
struct template;
struct file_watch;

enum addon_listener {
	ADDON_NO_LISTENER,
	ADDON_TEMPLATE, /* template.json */
	ADDON_EXEC,     /* hooks/ */
	ADDON_SO        /* listener.so */
};

/* Secrets of which any one is right: the manifest's, and behind it those still
 * valid while it is rotated. */
struct addon_secrets {
	int count;
	const char **values;
};

struct addon {
	struct arena *arena; /* where all of it lives */
	const char *home;    /* its folder */
	const struct dialect *dialect;

	/* From the manifest. */
	const char *id; /* the slug, Basic auth's user name */
	struct addon_secrets passwords;
	bool has_password;              /* the manifest's own is among them */
	struct addon_secrets salts;     /* none: no single sign-on */
	struct url_path resources;      /* where the marketplace's calls come */
	struct url_path sso;            /* where browsers come; empty: unsaid */
	const struct json *config_vars; /* an array of names, or NULL */
	bool writes_logs;               /* "requires" has log_input */
	bool drains_logs;               /* "requires" has syslog_drain */

	/* From settings.json. */
	const struct json *plans;       /* an object, or NULL: any plan */
	const char *client_secret_file; /* or NULL */
	bool provisions_later;     /* listeners work in provisor-jobs alone */
	const char *client_secret; /* what that file holds, or NULL */
	const char *dashboard;     /* URL with ${id}, or NULL: our own page */
	int64_t session;           /* ms that a browser stays signed in */
	bool guards_replay;        /* a token signs on once */

	enum addon_listener listener;
	/* Of ADDON_TEMPLATE; set by who opens listeners. */
	struct template *template;

	/* False: answered 503.  id, passwords and resources may then be
	 * missing. */
	bool is_valid;
};

/*
 * Read a home and have its files watched.  What is wrong with it is an error in
 * findings, naming file, field and remedy.  Never NULL; the caller ends it with
 * addon_close(), and sets is_valid.
 */
struct addon *addon_open(const char *home, const char *marketplace,
			 struct file_watch *watch, struct findings *findings);
void addon_close(struct addon *addon);

/*
 * May a resource have this plan, if it has the plan from now (NULL: it is new)?
 * *complaint is a sentence for the customer when it may not.
 */
bool addon_allows_plan(const struct addon *addon, const char *from,
		       const char *plan, const char **complaint);

/* The URL of the vendor's dashboard for the resource that we answer as id; NULL
 * where there is none. */
const char *addon_dashboard(const struct addon *addon, struct arena *arena,
			    const char *id);

/* Can its marketplace be called about a resource, given a grant? */
bool addon_may_call(const struct addon *addon);

/* Is name in the manifest's config_vars? */
bool addon_declares(const struct addon *addon, const char *name);

/* ---- for the readers of the home's files ---- */

/* Fill what the manifest says, as far as it can be read. */
void addon_read_manifest(struct addon *addon, const char *marketplace,
			 struct findings *findings);

/* Fill where the add-on, whose dialect is known, is mounted, as api says, the
 * member of file. */
void addon_read_mount(struct addon *addon, const char *file,
		      const struct json *api, struct findings *findings);

/* Fill what settings.json says, and have the files it names watched; without
 * settings.json there is nothing to do. */
void addon_read_settings(struct addon *addon, struct file_watch *watch,
			 struct findings *findings);

/* Add value to secrets, unless it is one that anybody could guess.  where
 * names file and field. */
void addon_take_secret(struct addon_secrets *secrets, struct arena *arena,
		       const char *value, const char *where,
		       struct findings *findings);

/* Each member of object, which stands within that field of file, that is not
 * among count names is an error: a misspelled setting that is passed over in
 * silence costs more than a refused one. */
void addon_refuse_unknown(const char *file, const char *within,
			  const struct json *object, const char *const names[],
			  size_t count, struct findings *findings);

/*
 * All that a file holds, terminated, and how long it is.  NULL, with an error
 * in findings, when it cannot be read; where says how to name it there.
 */
const char *addon_read_text(struct arena *arena, const char *path,
			    const char *where, size_t *length,
			    struct findings *findings);

/*
 * The JSON object that a file of the home holds.  NULL, with an error in
 * findings, when it cannot be read or is none.
 */
const struct json *addon_read_file(struct arena *arena, const char *path,
				   struct findings *findings);

#endif
