/*
 * template.h - the listener kind "template": config vars without vendor code.
 *
 * The home's template.json has the form
 *
 *     {"config":{"NAME":"…"}, "message":"…", "plan_message":"…",
 *      "log_drain_url":"…"}
 *
 * Its texts may refer to ${id}, ${plan}, ${region}, ${name} and ${option.NAME},
 * each empty if absent, and to ${secret:NAME}: 24 random bytes as base64url,
 * created once for a resource and stored.  In log_drain_url, and in a config
 * var whose name ends in _URL, their values are percent-encoded.
 *
 * template_file.c reads the file and cuts each text into pieces; template.c
 * puts them together.
 */
#ifndef LIB_LISTENER_TEMPLATE_H
#define LIB_LISTENER_TEMPLATE_H

#include <stdbool.h>

#include "lib/base/base.h"

struct addon;
struct findings;

enum template_piece_kind {
	TEMPLATE_LITERAL,
	TEMPLATE_ID,
	TEMPLATE_PLAN,
	TEMPLATE_REGION,
	TEMPLATE_NAME,
	TEMPLATE_OPTION,
	TEMPLATE_SECRET
};

/* A part of a text: a literal, or a reference. */
struct template_piece {
	const struct template_piece *next;
	enum template_piece_kind kind;
	const char *text; /* the literal, or NAME of an option or a secret */
};

struct template_text {
	const struct template_text *next;
	const char *name; /* of the config var */
	bool is_url;
	const struct template_piece *pieces;
};

struct template
{
	const struct template_text *config; /* in the order of the file */
	const struct template_text *message;
	const struct template_text *plan_message;
	const struct template_text *log_drain_url;
};

/*
 * Read and check the template of an add-on.  It lives as long as the add-on.
 * Return NULL, with errors in findings, if it cannot be used.
 */
MUST_CHECK struct template *template_read(const struct addon *addon,
					  struct findings *findings);

#endif
