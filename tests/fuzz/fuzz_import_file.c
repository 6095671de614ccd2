/* A file of resources is refused with errors that name it, or all of its
 * resources have an id and a state, also when they are read again.  The first
 * byte of the input is the sum of the format and the dialect. */
#include "fuzz.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/base/utf8.h"
#include "lib/dialect/dialect.h"
#include "lib/import/file.h"

static void assert_errors_name_file(const struct findings *findings)
{
	for (const struct finding *f = findings->first; f; f = f->next) {
		assert(strstr(f->text, "rows"));
		assert(utf8_is_valid(f->text));
	}
}

static int assert_rows(struct import_file *file)
{
	const struct import_row *row;
	int count = 0, line = 0;

	for (; (row = import_file_next(file)); count++) {
		assert(row->resource.marketplace_id
		       || row->resource.provider_id);
		assert(row->resource.state == RESOURCE_PROVISIONED
		       || row->resource.state == RESOURCE_SUSPENDED
		       || row->resource.state == RESOURCE_DEPROVISIONED);
		assert(row->line > line);
		line = row->line;
	}
	return count;
}

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	struct addon addon = { .id = "one", .home = "/addon" };
	struct findings findings = { .arena = arena };
	struct import_file *file;
	int count;
	const char *path;

	if (length < 1)
		return;
	addon.dialect = dialect_find("heroku", text[0] & 2 ? "3" : "1");
	path = fuzz_write(arena, "rows", text + 1, length - 1);
	file = import_file_open(arena, path,
				text[0] & 1 ? IMPORT_CSV : IMPORT_JSONL, &addon,
				&findings);
	assert_errors_name_file(&findings);
	assert(!file == (findings.errors > 0));
	if (!file)
		return;
	count = assert_rows(file);
	import_file_rewind(file);
	assert(assert_rows(file) == count);
	assert(findings.errors == 0);
}
