/*
 * template_parts.h - a template, cut into what stands in it and what is put
 * there.
 *
 * Part of listener_template.h: template_file.c cuts, listener_template.c puts
 * together.
 */
#ifndef LIB_LISTENER_TEMPLATE_PARTS_H
#define LIB_LISTENER_TEMPLATE_PARTS_H

#include <stdbool.h>
#include <stddef.h>

enum template_piece_kind {
	TEMPLATE_LITERAL,
	TEMPLATE_FIELD,
	TEMPLATE_OPTION,
	TEMPLATE_SECRET
};

/* A stretch of a text: itself, or what is put in its place. */
struct template_piece {
	const struct template_piece *next;
	enum template_piece_kind kind;
	const char *text; /* the literal, or NAME */
	size_t field;     /* of TEMPLATE_FIELD: offset in the values */
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

#endif
