/*
 * modes.h - homes with one file that has another mode.
 */
#ifndef MODES_H
#define MODES_H

#include "files.h"

#include "lib/addon/addon.h"

struct modes_row {
	const char *name;
	const char *file; /* in the home; "": the home itself */
	mode_t mode;
	const char *finding; /* "error" or "warning"; NULL: no finding */
	const char *remedy;
};

/* Check addon after its file has the mode of the row, and expect the finding of
 * the row and no other. */
static inline void modes_check(const struct modes_row *row, struct addon *addon,
			       void (*check)(struct addon *addon))
{
	const char *path = arena_printf(arena, "%s%s", addon->home, row->file);
	const char *found;

	assert_int_equal(chmod(path, row->mode), 0);
	check(addon);
	found = unit_findings();
	if (!row->finding) {
		assert_string_equal(found, "");
		return;
	}
	assert_int_equal(findings.errors, strcmp(row->finding, "error") == 0);
	assert_contains(found,
			arena_printf(arena, "%s: %s: ", row->finding, path));
	assert_contains(found, row->remedy);
	assert_true(strchr(found, '\n')[1] == '\0');
}

#endif
