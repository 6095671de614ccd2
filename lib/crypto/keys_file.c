#include "lib/crypto/keys_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/file_replace.h"
#include "lib/base/plain_file.h"
#include "lib/crypto/sealing_keys.h"

struct key_line {
	struct key_line *next;
	const char *text; /* with its newline */
	const char *id;   /* NULL: the line is not a key */
};

struct keys_file {
	struct arena *arena;
	const char *path; /* with links resolved */
	int folder;       /* descriptor of its folder, locked */
	bool is_new;
	struct stat status;
	struct key_line *lines;
};

/* ---- opening ---- */

/* Return the text before the colon if it is a valid id, or else NULL. */
static const char *read_key_id(struct arena *arena, const char *text)
{
	size_t length = strcspn(text, ":");
	const char *id = arena_strndup(arena, text, length);

	return text[length] == ':' && sealing_keys_is_id(id) ? id : NULL;
}

static struct key_line **find_lines_end(struct keys_file *file)
{
	struct key_line **end = &file->lines;

	while (*end)
		end = &(*end)->next;
	return end;
}

static void append_line(struct keys_file *file, const char *text)
{
	struct key_line *line = arena_alloc(file->arena, sizeof *line);

	line->text = text;
	line->id = read_key_id(file->arena, text);
	*find_lines_end(file) = line;
}

/* Add a newline to a last line that has none. */
static bool read_file_lines(struct keys_file *file, FILE *stream)
{
	char *text = NULL;
	size_t size = 0;

	setvbuf(stream, NULL, _IONBF, 0); /* libc would not wipe a buffer */
	while (getline(&text, &size, stream) >= 0) {
		text[strcspn(text, "\n")] = '\0';
		append_line(file, arena_printf(file->arena, "%s\n", text));
	}
	if (text)
		explicit_bzero(text, size);
	free(text);
	return !ferror(stream);
}

static bool begin_new_file(struct keys_file *file, uid_t user)
{
	if (errno != ENOENT || user == (uid_t)-1)
		return false;
	file->is_new = true;
	file->status.st_mode = 0600;
	file->status.st_uid = user;
	file->status.st_gid = (gid_t)-1;
	return true;
}

static bool read_keys_file(struct keys_file *file, uid_t user)
{
	FILE *stream = plain_file_open(file->path);
	bool done;

	if (!stream)
		return begin_new_file(file, user);
	done = fstat(fileno(stream), &file->status) == 0
		&& read_file_lines(file, stream);
	fclose(stream);
	return done;
}

static const char *resolve_links(struct arena *arena, const char *path)
{
	char *real = realpath(path, NULL);
	const char *copy = arena_strdup(arena, real ? real : path);

	free(real);
	return copy;
}

/* Lock the folder, because the file itself is replaced. */
static int lock_folder(struct arena *arena, const char *path)
{
	int folder = open(dirname(arena_strdup(arena, path)),
			  O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder >= 0)
		flock(folder, LOCK_EX);
	return folder;
}

struct keys_file *keys_file_open(const char *path, uid_t user)
{
	struct arena *arena = arena_create();
	struct keys_file *file = arena_alloc(arena, sizeof *file);

	file->arena = arena;
	file->path = resolve_links(arena, path);
	file->folder = lock_folder(arena, file->path);
	if (file->folder >= 0 && read_keys_file(file, user))
		return file;
	keys_file_close(file);
	return NULL;
}

void keys_file_close(struct keys_file *file)
{
	int saved = errno;

	if (!file)
		return;
	if (file->folder >= 0)
		close(file->folder);
	arena_destroy(file->arena);
	errno = saved;
}

/* ---- reading ---- */

int keys_file_find(const struct keys_file *file, const char *id)
{
	int before = 0;

	for (const struct key_line *line = file->lines; line;
	     line = line->next) {
		if (line->id && strcmp(line->id, id) == 0)
			return before;
		before += line->id != NULL;
	}
	return -1;
}

int keys_file_count(const struct keys_file *file)
{
	int count = 0;

	for (const struct key_line *line = file->lines; line; line = line->next)
		count += line->id != NULL;
	return count;
}

int64_t keys_file_age(const struct keys_file *file)
{
	const struct timespec *changed = &file->status.st_mtim;

	if (file->is_new)
		return 0;
	return clock_wall()
		- ((int64_t)changed->tv_sec * 1000
		   + changed->tv_nsec / 1000000);
}

/* ---- changing ---- */

void keys_file_add(struct keys_file *file, const char *id, const char *key)
{
	append_line(file, arena_printf(file->arena, "%s:%s\n", id, key));
}

static struct key_line *remove_line(struct keys_file *file, const char *id)
{
	struct key_line **place = &file->lines;
	struct key_line *line;

	while (!(*place)->id || strcmp((*place)->id, id) != 0)
		place = &(*place)->next;
	line = *place;
	*place = line->next;
	return line;
}

void keys_file_use(struct keys_file *file, const char *id)
{
	struct key_line *line = remove_line(file, id);
	struct key_line **place = &file->lines;

	while (*place && !(*place)->id)
		place = &(*place)->next;
	line->next = *place;
	*place = line;
}

void keys_file_drop(struct keys_file *file, const char *id)
{
	remove_line(file, id);
}

/* ---- writing ---- */

static const char *join_lines(const struct keys_file *file)
{
	const char *text = "";

	for (const struct key_line *line = file->lines; line; line = line->next)
		text = arena_join(file->arena, text, line->text);
	return text;
}

bool keys_file_write(struct keys_file *file)
{
	const char *name = basename(arena_strdup(file->arena, file->path));
	const char *text = join_lines(file);

	return file_replace(file->folder, name, text, strlen(text),
			    &file->status);
}
