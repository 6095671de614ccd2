/*
 * template_text.h - cuts a string of template.json into literals and
 * references.
 */
#ifndef LIB_LISTENER_TEMPLATE_TEXT_H
#define LIB_LISTENER_TEMPLATE_TEXT_H

#include <stdbool.h>

#include "lib/base/base.h"

struct arena;
struct home_file;
struct json;

enum template_piece_kind {
	TEMPLATE_LITERAL,
	TEMPLATE_ID,
	TEMPLATE_UUID,
	TEMPLATE_PLAN,
	TEMPLATE_OLD_PLAN,
	TEMPLATE_REGION,
	TEMPLATE_NAME,
	TEMPLATE_CALLBACK_URL,
	TEMPLATE_LOG_DRAIN_TOKEN,
	TEMPLATE_OPTION,
	TEMPLATE_OF_REGION, /* a value in "regions" */
	TEMPLATE_SECRET
};

/* A part of a string: a literal, or a reference. */
struct template_piece {
	const struct template_piece *next;
	enum template_piece_kind kind;
	const char *text; /* the literal, or NAME */
};

struct template_text {
	const struct template_text *next;
	const char *name; /* of the config var */
	bool is_url;
	const struct template_piece *pieces;
};

/*
 * Read a string of the file.  regions is the member of this name.  Faults
 * become findings for field.  Return NULL if value is not a string, or absent.
 */
MUST_CHECK struct template_text *
template_text_read(const struct home_file *file, const struct json *regions,
		   const char *field, const struct json *value);

/* Return true if text, which may be NULL, has a piece of this kind. */
MUST_CHECK bool template_text_has(const struct template_text *text,
				  enum template_piece_kind kind);

/* Return the text with a digit in place of each reference, because a digit is
 * allowed wherever a value is. */
const char *template_text_sample(struct arena *arena,
				 const struct template_text *text);

#endif
