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
#include "lib/crypto/sealing.h"

struct line {
	struct line *next;
	const char *text; /* with its newline */
	const char *id;   /* NULL: it is no key */
};

struct keys_file {
	struct arena *arena;
	const char *path; /* not that of a link to it */
	int folder;       /* held locked */
	bool is_new;
	struct stat status;
	struct line *lines;
};

/* ---- opening ---- */

/* What the line has before its colon, if that can be a key's id. */
static const char *id_of(struct arena *arena, const char *text)
{
	size_t length = strcspn(text, ":");
	const char *id = arena_strndup(arena, text, length);

	return text[length] == ':' && sealing_is_key_id(id) ? id : NULL;
}

static struct line **end_of(struct keys_file *file)
{
	struct line **end = &file->lines;

	while (*end)
		end = &(*end)->next;
	return end;
}

static void append(struct keys_file *file, const char *text)
{
	struct line *line = arena_alloc(file->arena, sizeof *line);

	line->text = text;
	line->id = id_of(file->arena, text);
	*end_of(file) = line;
}

/* A last line without a newline is given one. */
static bool read_lines(struct keys_file *file, FILE *stream)
{
	char *text = NULL;
	size_t size = 0;

	setvbuf(stream, NULL, _IONBF, 0); /* a buffer would not be wiped */
	while (getline(&text, &size, stream) >= 0) {
		text[strcspn(text, "\n")] = '\0';
		append(file, arena_printf(file->arena, "%s\n", text));
	}
	if (text)
		explicit_bzero(text, size);
	free(text);
	return !ferror(stream);
}

static bool begin_new(struct keys_file *file, uid_t user)
{
	if (errno != ENOENT || user == (uid_t)-1)
		return false;
	file->is_new = true;
	file->status.st_mode = 0600;
	file->status.st_uid = user;
	file->status.st_gid = (gid_t)-1;
	return true;
}

static bool read_all(struct keys_file *file, uid_t user)
{
	FILE *stream = fopen(file->path, "re");
	bool done;

	if (!stream)
		return begin_new(file, user);
	done = fstat(fileno(stream), &file->status) == 0
		&& read_lines(file, stream);
	fclose(stream);
	return done;
}

static const char *resolve(struct arena *arena, const char *path)
{
	char *real = realpath(path, NULL);
	const char *copy = arena_strdup(arena, real ? real : path);

	free(real);
	return copy;
}

/* The file itself is replaced, so the lock is on the folder. */
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
	file->path = resolve(arena, path);
	file->folder = lock_folder(arena, file->path);
	if (file->folder >= 0 && read_all(file, user))
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

/* ---- looking ---- */

int keys_file_find(const struct keys_file *file, const char *id)
{
	int before = 0;

	for (const struct line *line = file->lines; line; line = line->next) {
		if (line->id && strcmp(line->id, id) == 0)
			return before;
		before += line->id != NULL;
	}
	return -1;
}

int keys_file_count(const struct keys_file *file)
{
	int count = 0;

	for (const struct line *line = file->lines; line; line = line->next)
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
	append(file, arena_printf(file->arena, "%s:%s\n", id, key));
}

static struct line *take_out(struct keys_file *file, const char *id)
{
	struct line **place = &file->lines;
	struct line *line;

	while (!(*place)->id || strcmp((*place)->id, id) != 0)
		place = &(*place)->next;
	line = *place;
	*place = line->next;
	return line;
}

void keys_file_use(struct keys_file *file, const char *id)
{
	struct line *line = take_out(file, id);
	struct line **place = &file->lines;

	while (*place && !(*place)->id)
		place = &(*place)->next;
	line->next = *place;
	*place = line;
}

void keys_file_drop(struct keys_file *file, const char *id)
{
	take_out(file, id);
}

/* ---- writing ---- */

static bool write_lines(const struct keys_file *file, int descriptor)
{
	for (const struct line *line = file->lines; line; line = line->next) {
		size_t length = strlen(line->text);

		if (write(descriptor, line->text, length) != (ssize_t)length)
			return false;
	}
	return true;
}

/* mkstemp() made it ours, with mode 0600. */
static bool give_owner_and_mode(const struct keys_file *file, int descriptor)
{
	struct stat now;

	if (fstat(descriptor, &now) != 0)
		return false;
	if ((now.st_uid != file->status.st_uid
	     || (file->status.st_gid != (gid_t)-1
		 && now.st_gid != file->status.st_gid))
	    && fchown(descriptor, file->status.st_uid, file->status.st_gid)
		    != 0)
		return false;
	return fchmod(descriptor, file->status.st_mode & 07777) == 0;
}

bool keys_file_write(struct keys_file *file)
{
	char *path = arena_printf(file->arena, "%s.XXXXXX", file->path);
	int descriptor = mkostemp(path, O_CLOEXEC);
	bool done;
	int saved;

	if (descriptor < 0)
		return false;
	done = write_lines(file, descriptor)
		&& give_owner_and_mode(file, descriptor)
		&& fsync(descriptor) == 0 && rename(path, file->path) == 0;
	saved = errno;
	close(descriptor);
	if (!done)
		unlink(path);
	else
		fsync(file->folder);
	errno = saved;
	return done;
}
