#include "lib/text/csv.h"

#include <stddef.h>
#include <string.h>

#include "lib/base/arena.h"

/* What begins a formula.  Some spreadsheets accept the full-width forms, too.
 */
static const char *const formula_starts[] = {
	"=",  "+",      "-",      "@",      "\t",     "\r",
	"\n", "\uff1d", "\uff0b", "\uff0d", "\uff20",
};

/* Return true for a formula, and for one after apostrophes, so that a text that
 * begins with an apostrophe gets one more and differs from a formula. */
static bool is_formula(const char *text)
{
	text += strspn(text, "'");
	for (size_t i = 0; i < COUNT(formula_starts); i++)
		if (strncmp(text, formula_starts[i], strlen(formula_starts[i]))
		    == 0)
			return true;
	return false;
}

static bool ends_record(const char *c)
{
	return *c == '\0' || *c == '\n' || (c[0] == '\r' && c[1] == '\n');
}

static const char *read_plain_field(struct csv *csv, const char **why)
{
	const char *start = csv->next;

	while (*csv->next != ',' && !ends_record(csv->next)) {
		if (*csv->next == '"') {
			*why = "a field contains a quote but does not begin "
			       "with one";
			return NULL;
		}
		csv->next++;
	}
	return arena_strndup(csv->arena, start, (size_t)(csv->next - start));
}

/* Find the quote that ends the field whose text begins at start, or return
 * NULL. */
static const char *find_last_quote(const char *start)
{
	const char *quote = strchr(start, '"');

	while (quote && quote[1] == '"')
		quote = strchr(quote + 2, '"');
	return quote;
}

/* Read a field whose opening quote is next. */
static const char *read_quoted_field(struct csv *csv, const char **why)
{
	const char *from = csv->next + 1;
	const char *end = find_last_quote(from);
	char *text, *to;

	if (!end) {
		*why = "a quote is not closed";
		return NULL;
	}
	csv->next = end + 1;
	if (*csv->next != ',' && !ends_record(csv->next)) {
		*why = "text follows the quote that ends a field";
		return NULL;
	}
	to = text = arena_alloc(csv->arena, (size_t)(end - from) + 1);
	for (; from < end; from++) {
		if (*from == '\n')
			csv->line++;
		if (*from == '"')
			from++;
		*to++ = *from;
	}
	return text;
}

static bool take_line_end(struct csv *csv)
{
	if (!ends_record(csv->next) || !*csv->next)
		return false;
	csv->next += *csv->next == '\r' ? 2 : 1;
	csv->line++;
	return true;
}

bool csv_read(struct csv *csv, struct csv_record *record, const char **why)
{
	*why = NULL;
	while (take_line_end(csv))
		;
	*record = (struct csv_record){ .line = csv->line };
	if (!*csv->next)
		return false;
	for (;; csv->next++) {
		const char *field = *csv->next == '"'
			? read_quoted_field(csv, why)
			: read_plain_field(csv, why);

		if (!field)
			return false;
		if (record->count == CSV_MOST_FIELDS) {
			*why = "the record has too many fields";
			return false;
		}
		if (*field == '\'' && is_formula(field))
			field++;
		record->fields[record->count++] = field;
		if (*csv->next != ',')
			break;
	}
	take_line_end(csv);
	return true;
}

const char *csv_field(struct arena *arena, const char *text)
{
	char *quoted, *to;

	if (is_formula(text))
		text = arena_printf(arena, "'%s", text);
	if (!text[strcspn(text, ",\"\r\n")])
		return text;
	to = quoted = arena_alloc(arena, 2 * strlen(text) + 3);
	*to++ = '"';
	for (; *text; text++) {
		if (*text == '"')
			*to++ = '"';
		*to++ = *text;
	}
	*to = '"';
	return quoted;
}
