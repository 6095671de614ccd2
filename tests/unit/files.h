/*
 * files.h - a folder for the files of a test program.
 *
 * The folder is created at its first use and removed when the program ends.
 */
#ifndef FILES_H
#define FILES_H

#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static char files_folder[64];

static inline int files_remove_one(const char *path, const struct stat *status,
				   int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

/* Remove a file, or a folder with its content. */
static inline void files_remove(const char *path)
{
	nftw(path, files_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void files_remove_all(void)
{
	files_remove(files_folder);
}

/* Return the path of name in the folder, in the arena of the running test. */
static inline const char *files_path(const char *name)
{
	if (!*files_folder) {
		snprintf(files_folder, sizeof files_folder,
			 "%s/provisor-unit-XXXXXX", P_tmpdir);
		if (!mkdtemp(files_folder))
			abort();
		atexit(files_remove_all);
	}
	return arena_printf(arena, "%s/%s", files_folder, name);
}

/* Write a file in the folder, create its parents, and return its path. */
static inline const char *files_write(const char *name, const char *content)
{
	const char *path = files_path(name);
	FILE *file;

	for (const char *c = name; *c; c++)
		if (*c == '/')
			mkdir(files_path(arena_strndup(arena, name,
						       (size_t)(c - name))),
			      0700);
	unlink(path); /* the new file gets a new owner and mode */
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(content, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0600), 0);
	return path;
}

/* Return the content of a file, or NULL. */
static inline const char *files_read(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!file)
		return NULL;
	if (getdelim(&text, &size, '\0', file) < 0)
		text = strcpy(realloc(text, 1), "");
	fclose(file);
	arena_defer(arena, free, text);
	return text;
}

#endif
