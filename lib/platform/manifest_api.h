/*
 * manifest_api.h - exchanges manifests with the marketplace, as the vendor.
 *
 * The calls are those of heroku addons:admin (heroku-cli-addons-admin 4, whose
 * source is the only documentation): JSON in both directions, a bearer token of
 * the vendor's account, and errors as {"error": "text"} or {"error": {"base":
 * ["text"]}}.  https.h has the rules for connections.
 */
#ifndef LIB_PLATFORM_MANIFEST_API_H
#define LIB_PLATFORM_MANIFEST_API_H

#include <stdbool.h>

#include "lib/base/base.h"

struct arena;
struct https;
struct json;

struct manifest_api {
	struct https *https;
	const char *host; /* https, or http at this host; no slash at its end */
	const char *token; /* of the vendor's account */
};

/* What a call returned.  It belongs to the arena. */
struct manifest_reply {
	const struct json *value; /* what was read; NULL: the call failed, or
				     has no result */
	const char *failure; /* cause and remedy, as a clause that may quote
				the marketplace; NULL: done */
	bool is_missing;     /* the failure is a 404 */
	bool is_unknown; /* the failure came after the request was sent, so that
			    it may have had an effect */
};

/* Read the manifest of an add-on: the present one if id is NULL, or that with
 * this id of its history.  The value is an object. */
MUST_CHECK struct manifest_reply
manifest_api_read(const struct manifest_api *api, struct arena *arena,
		  const char *slug, const char *id);

/* Read the history of an add-on's manifests, newest first.  The value is an
 * array of objects with id and created_at. */
MUST_CHECK struct manifest_reply
manifest_api_list(const struct manifest_api *api, struct arena *arena,
		  const char *slug);

/* Make text, a manifest as JSON, the present one of an add-on, which is created
 * if it does not exist.  No value is returned. */
MUST_CHECK struct manifest_reply
manifest_api_push(const struct manifest_api *api, struct arena *arena,
		  const char *slug, const char *text);

#endif
