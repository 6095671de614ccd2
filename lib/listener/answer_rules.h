/*
 * answer_rules.h - the limits of a listener's answer.
 *
 * They are the same for the answers of hooks, libraries and templates, and for
 * config vars that an operator sets or imports, so that "provisor
 * hook test" accepts exactly what a worker accepts.
 *
 * Each function returns NULL if the value is valid.  Otherwise it returns the
 * problem and the remedy, to be printed after the name of the member: "must be
 * at most 32 KiB".  The texts contain no value and are static or live in the
 * arena.
 */
#ifndef LIB_LISTENER_ANSWER_RULES_H
#define LIB_LISTENER_ANSWER_RULES_H

#include <stdbool.h>

#include "lib/base/base.h"

struct addon;
struct arena;
struct json;

/* A name must be declared in the manifest. */
MUST_CHECK const char *answer_rules_config_name(const struct addon *addon,
						struct arena *arena,
						const char *name);

/* A value of a config var is UTF-8 text of at most 32 KiB.  An empty one would
 * leave the application of a customer without the service, if it is a URL. */
MUST_CHECK const char *answer_rules_config_value(const char *name,
						 const char *value);

/* All config vars together are at most 64 KiB of JSON, as in the document of a
 * hook.  nginx then has room for each response with them, so that a client who
 * reads slowly holds up no worker. */
MUST_CHECK const char *answer_rules_config_size(struct arena *arena,
						const struct json *config);

/* Return true if a config var of this name is a URL: the name ends in _URL. */
MUST_CHECK bool answer_rules_is_url_name(const char *name);

/* A message for customers is at most 1 KiB without control characters. */
MUST_CHECK const char *answer_rules_message(const char *message);

/* An id is 1 to 255 characters without control characters.  It becomes a
 * segment of a path, which cannot be .  or .. */
MUST_CHECK const char *answer_rules_id(const char *id);

/*
 * A log drain begins with https:// or, at some marketplaces, with syslog://;
 * url.h has the other rules.  A
 * redirect is a target of sign_on_target.h: without a user name or password,
 * since it becomes a Location header (RFC 9110, section 4.2.4).
 */
MUST_CHECK const char *answer_rules_log_drain_url(const struct addon *addon,
						  struct arena *arena,
						  const char *url);
MUST_CHECK const char *answer_rules_redirect(struct arena *arena,
					     const char *url);

/* Session values are an object of strings.  Each response of /session sends
 * them in a header, as at most 1 KiB of base64url. */
MUST_CHECK const char *answer_rules_session(struct arena *arena,
					    const struct json *session);

#endif
