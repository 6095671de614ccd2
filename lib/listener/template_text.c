#include "lib/listener/template_text.h"

#include <string.h>

#include "lib/addon/home_file.h"
#include "lib/base/arena.h"
#include "lib/text/json.h"

static bool is_reference_name(const char *text)
{
	return *text
		&& text[strspn(text,
			       "0123456789-_"
			       "abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ")]
		== '\0';
}

/* Set kind and name of the reference between ${ and }.  Return false if it is
 * unknown. */
static bool find_template_reference(struct template_piece *piece,
				    const char *reference)
{
	static const struct {
		const char *start;
		enum template_piece_kind kind;
		bool has_name;
	} references[] = {
		{ "id", TEMPLATE_ID, false },
		{ "uuid", TEMPLATE_UUID, false },
		{ "plan", TEMPLATE_PLAN, false },
		{ "old_plan", TEMPLATE_OLD_PLAN, false },
		{ "region.", TEMPLATE_OF_REGION, true }, /* before region */
		{ "region", TEMPLATE_REGION, false },
		{ "name", TEMPLATE_NAME, false },
		{ "callback_url", TEMPLATE_CALLBACK_URL, false },
		{ "log_drain_token", TEMPLATE_LOG_DRAIN_TOKEN, false },
		{ "option.", TEMPLATE_OPTION, true },
		{ "secret:", TEMPLATE_SECRET, true },
	};

	for (size_t i = 0; i < COUNT(references); i++) {
		size_t length = strlen(references[i].start);

		if (strncmp(reference, references[i].start, length) != 0)
			continue;
		piece->kind = references[i].kind;
		piece->text = reference + length;
		return references[i].has_name ? is_reference_name(piece->text)
					      : *piece->text == '\0';
	}
	return false;
}

/* Return true if there are regions, and all of them have a value with this
 * name. */
static bool every_region_has(const struct json *regions, const char *name)
{
	const struct json *region = json_first(regions);

	while (region && json_member(region, name))
		region = json_next(region);
	return json_count(regions) > 0 && !region;
}

/* Read a literal up to next, or to the end if next is NULL. */
static void read_template_literal(const struct home_file *file,
				  struct template_piece *piece,
				  const char **source, const char *next)
{
	size_t length = next ? (size_t)(next - *source) : strlen(*source);

	piece->text = arena_strndup(file->arena, *source, length);
	*source += length;
}

/* Read a reference, which begins with ${. */
static void read_template_reference(const struct home_file *file,
				    const struct json *regions,
				    const char *field,
				    struct template_piece *piece,
				    const char **source)
{
	const char *start = *source + strlen("${");
	const char *end = strchr(start, '}');
	const char *reference;

	if (!end) {
		home_file_error(file, field, "has a ${ without a }: add it");
		*source += strlen(*source);
		return;
	}
	*source = end + 1;
	reference = arena_strndup(file->arena, start, (size_t)(end - start));
	if (!find_template_reference(piece, reference))
		home_file_error(
			file, field,
			"has ${%s}, which is unknown: use ${id}, "
			"${uuid}, ${plan}, ${old_plan}, ${region}, ${name}, "
			"${callback_url}, ${log_drain_token}, "
			"${region.NAME}, ${option.NAME} or "
			"${secret:NAME}",
			reference);
	else if (piece->kind == TEMPLATE_OF_REGION
		 && !every_region_has(regions, piece->text))
		home_file_error(file, field,
				"has ${%s}, which not every region in "
				"\"regions\" has: add it there",
				reference);
}

/* Read the first piece of *source, and advance *source past it. */
static struct template_piece *read_template_piece(const struct home_file *file,
						  const struct json *regions,
						  const char *field,
						  const char **source)
{
	struct template_piece *piece = arena_alloc(file->arena, sizeof *piece);
	const char *next = strstr(*source, "${");

	piece->text = ""; /* the default */
	if (next == *source)
		read_template_reference(file, regions, field, piece, source);
	else
		read_template_literal(file, piece, source, next);
	return piece;
}

struct template_text *template_text_read(const struct home_file *file,
					 const struct json *regions,
					 const char *field,
					 const struct json *value)
{
	const char *source = json_text(value);
	struct template_text *text = arena_alloc(file->arena, sizeof *text);
	const struct template_piece **end = &text->pieces;

	if (!source) {
		if (value)
			home_file_error(file, field, "must be a string");
		return NULL;
	}
	while (*source) {
		struct template_piece *piece =
			read_template_piece(file, regions, field, &source);

		*end = piece;
		end = &piece->next;
	}
	return text;
}

bool template_text_has(const struct template_text *text,
		       enum template_piece_kind kind)
{
	const struct template_piece *piece = text ? text->pieces : NULL;

	while (piece && piece->kind != kind)
		piece = piece->next;
	return piece;
}

const char *template_text_sample(struct arena *arena,
				 const struct template_text *text)
{
	const char *sample = "";

	for (const struct template_piece *p = text->pieces; p; p = p->next)
		sample = arena_printf(arena, "%s%s", sample,
				      p->kind == TEMPLATE_LITERAL ? p->text
								  : "1");
	return sample;
}
