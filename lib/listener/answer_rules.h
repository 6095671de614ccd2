/*
 * answer_rules.h - the limits on what a listener may answer.
 *
 * They are the same for the answers of hooks and libraries, for the log drain
 * of a template, and for config vars that an operator sets, so that "provisor
 * hook test" accepts exactly what a worker accepts.
 *
 * Each function returns NULL if the value is valid.  Otherwise it returns the
 * problem and the remedy, to be printed after the name of the member: "must be
 * at most 32 KiB".  The texts contain no value and are static or live in the
 * arena.
 */
#ifndef LIB_LISTENER_ANSWER_RULES_H
#define LIB_LISTENER_ANSWER_RULES_H

#include "lib/base/base.h"

struct addon;
struct arena;
struct json;

/* A name must be declared in the manifest. */
MUST_CHECK const char *answer_rules_config_name(const struct addon *addon,
						struct arena *arena,
						const char *name);

/* A value of a config var is UTF-8 text of at most 32 KiB. */
MUST_CHECK const char *answer_rules_config_value(const char *value);

/* A message for customers is at most 1 KiB without control characters. */
MUST_CHECK const char *answer_rules_message(const char *message);

/*
 * A log drain begins with https:// or syslog://.  A redirect begins with
 * https:// and must not contain a user name or password, since it becomes a
 * Location header (RFC 9110, section 4.2.4).  url.h has the other rules.
 */
MUST_CHECK const char *answer_rules_log_drain_url(struct arena *arena,
						  const char *url);
MUST_CHECK const char *answer_rules_redirect(struct arena *arena,
					     const char *url);

/* Session values are an object of texts.  Each response of /session sends them
 * in a header, as at most 1 KiB of base64url. */
MUST_CHECK const char *answer_rules_session(struct arena *arena,
					    const struct json *session);

#endif
