/*
 * keys.c - reads the keys file.
 */
#include "lib/crypto/sealing.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/crypto/base64.h"

bool sealing_is_key_id(const char *text)
{
	size_t length = strspn(text,
			       "0123456789-_abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return length > 0 && length <= SEALING_LONGEST_KEY_ID
		&& text[length] == '\0';
}

static bool has_key(const struct sealing_keys *keys, const char *id)
{
	for (int i = 0; i < keys->count; i++)
		if (strcmp(keys->list[i].id, id) == 0)
			return true;
	return false;
}

/* What is wrong with a line "ID:BASE64"; NULL when it has become a key. */
static const char *add_key(struct sealing_keys *keys, struct arena *arena,
			   char *line)
{
	struct sealing_key *key = &keys->list[keys->count];
	char *colon = strchr(line, ':');
	const unsigned char *bytes;
	size_t size;

	if (!colon)
		return "is not ID:BASE64";
	*colon = '\0';
	if (!sealing_is_key_id(line))
		return "has an id that is not 1 to 32 letters, digits, - or _";
	if (has_key(keys, line))
		return "repeats the id of an earlier key";
	bytes = base64_decode(arena, colon + 1, &size);
	if (!bytes || size != SEALING_KEY_SIZE)
		return "has a key that is not the base64 of 32 bytes";
	if (keys->count == SEALING_MOST_KEYS)
		return "is one key too many (32 at most)";
	if (!sealing_derive(key, bytes))
		return "could not be used: OpenSSL refused to derive";
	strcpy(key->id, line);
	keys->count++;
	return NULL;
}

static void read_keys(struct sealing_keys *keys, FILE *file, const char *path,
		      struct findings *findings)
{
	struct arena *arena = arena_create();
	char *line = NULL;
	size_t size = 0;

	setvbuf(file, NULL, _IONBF, 0); /* a buffer would not be wiped */
	for (int number = 1; getline(&line, &size, file) >= 0; number++) {
		const char *wrong;
		size_t length = strlen(line);

		while (length > 0 && isspace((unsigned char)line[length - 1]))
			line[--length] = '\0';
		if (length == 0 || line[0] == '#')
			continue;
		wrong = add_key(keys, arena, line);
		if (wrong)
			finding_error(findings,
				      "%s: line %d %s: correct the line, or "
				      "put # before it",
				      path, number, wrong);
	}
	if (line)
		explicit_bzero(line, size);
	free(line);
	arena_destroy(arena);
}

/* Whoever can read the file can read every customer's credentials. */
static bool is_private(FILE *file, const char *path, struct findings *findings)
{
	struct stat status;

	if (fstat(fileno(file), &status) != 0) {
		finding_error(findings, "%s: %s", path, strerror(errno));
		return false;
	}
	if (status.st_mode & (S_IRWXG | S_IRWXO)) {
		finding_error(findings,
			      "%s: others than its owner can use it (mode "
			      "%04o): chmod 600 it",
			      path, (unsigned int)status.st_mode & 07777);
		return false;
	}
	return true;
}

struct sealing_keys *sealing_keys_open(const char *path,
				       struct findings *findings)
{
	FILE *file = fopen(path, "re");
	struct sealing_keys *keys;

	if (!file) {
		finding_error(findings,
			      "%s: cannot be read (%s): it holds the keys "
			      "that seal secrets: bring it back and give it to "
			      "the pools' user, or on a new host make one with "
			      "provisor keys add",
			      path, strerror(errno));
		return NULL;
	}
	keys = calloc(1, sizeof *keys);
	if (keys && is_private(file, path, findings)) {
		read_keys(keys, file, path, findings);
		if (keys->count == 0)
			finding_error(findings,
				      "%s: holds no key: bring back those "
				      "there were, or on a new host make one "
				      "with provisor keys add",
				      path);
	}
	fclose(file);
	if (keys && keys->count > 0)
		return keys;
	sealing_keys_close(keys);
	return NULL;
}

void sealing_keys_close(struct sealing_keys *keys)
{
	if (keys)
		explicit_bzero(keys, sizeof *keys);
	free(keys);
}

const char *sealing_keys_id(const struct sealing_keys *keys, int number)
{
	return number < keys->count ? keys->list[number].id : NULL;
}
