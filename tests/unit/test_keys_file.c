#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "lib/base/clock.h"
#include "lib/crypto/keys_file.h"

#define NOBODY ((uid_t)-1)

static void close_file(void *file)
{
	keys_file_close(file);
}

/* Open the file until the end of the test. */
static struct keys_file *open_path(const char *path, uid_t user)
{
	struct keys_file *file = keys_file_open(path, user);

	assert_non_null(file);
	arena_defer(arena, close_file, file);
	return file;
}

static struct keys_file *open_with(const char *content)
{
	return open_path(files_write("keys/keys", content), NOBODY);
}

/* ---- changing ---- */

static void add(struct keys_file *file, const char *id)
{
	keys_file_add(file, id, "new");
}

static struct change_row {
	const char *name;
	const char *before;
	void (*change)(struct keys_file *file, const char *id);
	const char *id;
	const char *after;
} changes[] = {
	{ "a key is added after the last line", "a:1\n# end\n", add, "b",
	  "a:1\n# end\nb:new\n" },
	{ "a last line without its newline is given one", "a:1", add, "b",
	  "a:1\nb:new\n" },
	{ "a key is added to an empty file", "", add, "b", "b:new\n" },
	{ "a key is used by standing before the others",
	  "# keys\na:1\n\n# more\nb:2\nc:3\n", keys_file_use, "b",
	  "# keys\nb:2\na:1\n\n# more\nc:3\n" },
	{ "the first key stays where it is when used", "# keys\na:1\nb:2\n",
	  keys_file_use, "a", "# keys\na:1\nb:2\n" },
	{ "a key is dropped with its line alone", "# keys\na:1\n\nb:2\n",
	  keys_file_drop, "a", "# keys\n\nb:2\n" },
	{ "of ids that begin alike the right one is dropped",
	  "ab:1\na:2\nabc:3\n", keys_file_drop, "a", "ab:1\nabc:3\n" },
	{ "a line that is not a key keeps its place",
	  "what\n:1\na b:1\na:1\nb:2\n", keys_file_use, "b",
	  "what\n:1\na b:1\nb:2\na:1\n" },
	{ "a comment with a colon is not a key", "#a:1\nb:2\na:3\n",
	  keys_file_drop, "a", "#a:1\nb:2\n" },
};

static void change_is_as_expected(void **state)
{
	const struct change_row *row = *state;
	struct keys_file *file = open_with(row->before);

	row->change(file, row->id);
	assert_string_equal(files_read(files_path("keys/keys")), row->before);
	assert_true(keys_file_write(file));
	assert_string_equal(files_read(files_path("keys/keys")), row->after);
}

/* ---- looking ---- */

static void keys_are_found_by_their_ids(void)
{
	const struct keys_file *file =
		open_with("# a:0\na:1\nwhat\nb:2\n\nabc:3\n");

	assert_int_equal(keys_file_count(file), 3);
	assert_int_equal(keys_file_find(file, "a"), 0);
	assert_int_equal(keys_file_find(file, "b"), 1);
	assert_int_equal(keys_file_find(file, "abc"), 2);
	assert_int_equal(keys_file_find(file, "ab"), -1);
	assert_int_equal(keys_file_find(file, "# a"), -1);
}

static void the_age_is_that_of_the_last_change(void)
{
	const char *path = files_write("keys/keys", "a:1\n");
	struct timespec then[] = { { .tv_sec = 1000000000 },
				   { .tv_sec = 1000000000 } };
	int64_t least = clock_wall() - INT64_C(1000000000) * 1000;
	int64_t age;

	assert_int_equal(utimensat(AT_FDCWD, path, then, 0), 0);
	age = keys_file_age(open_path(path, NOBODY));
	assert_true(age >= least);
	assert_true(age <= clock_wall() - INT64_C(1000000000) * 1000);
}

/* ---- the file itself ---- */

static int count_files(const char *folder)
{
	DIR *listing = opendir(folder);
	const struct dirent *entry;
	int count = 0;

	assert_non_null(listing);
	while ((entry = readdir(listing)))
		count += entry->d_name[0] != '.';
	closedir(listing);
	return count;
}

static struct stat status_of(const char *path)
{
	struct stat status;

	assert_int_equal(lstat(path, &status), 0);
	return status;
}

static void the_mode_stays_as_it_was(void)
{
	const char *path = files_write("keys/keys", "a:1\n");
	struct keys_file *file;

	assert_int_equal(chmod(path, 0440), 0);
	file = open_path(path, NOBODY);
	keys_file_add(file, "b", "2");
	assert_true(keys_file_write(file));
	assert_int_equal(status_of(path).st_mode & 07777, 0440);
}

static void a_reader_keeps_the_old_file(void)
{
	struct keys_file *file = open_with("a:1\n");
	const char *path = files_path("keys/keys");
	FILE *reader = fopen(path, "re");
	char line[16];

	assert_non_null(reader);
	keys_file_use(file, "a");
	keys_file_add(file, "b", "2");
	assert_true(keys_file_write(file));
	assert_non_null(fgets(line, sizeof line, reader));
	assert_string_equal(line, "a:1\n");
	assert_null(fgets(line, sizeof line, reader));
	fclose(reader);
}

static void no_temporary_file_is_left(void)
{
	struct keys_file *file = open_with("a:1\n");

	keys_file_add(file, "b", "2");
	assert_true(keys_file_write(file));
	assert_int_equal(count_files(files_path("keys")), 1);
}

static void a_link_to_the_file_stays_one(void)
{
	const char *path = files_write("keys/keys", "a:1\n");
	const char *link = files_path("link");
	struct keys_file *file;

	unlink(link);
	assert_int_equal(symlink("keys/keys", link), 0);
	file = open_path(link, NOBODY);
	keys_file_add(file, "b", "2");
	assert_true(keys_file_write(file));
	assert_true(S_ISLNK(status_of(link).st_mode));
	assert_string_equal(files_read(path), "a:1\nb:2\n");
}

static void a_missing_file_is_made_for_its_user(void)
{
	const char *path = files_path("keys/new");
	struct keys_file *file;

	files_write("keys/keys", "");
	unlink(path);
	file = open_path(path, geteuid());
	assert_int_equal(keys_file_count(file), 0);
	assert_true(keys_file_age(file) == 0);
	keys_file_add(file, "a", "1");
	assert_int_equal(access(path, F_OK), -1);
	assert_true(keys_file_write(file));
	assert_string_equal(files_read(path), "a:1\n");
	assert_int_equal(status_of(path).st_mode & 07777, 0600);
	assert_int_equal(status_of(path).st_uid, geteuid());
	unlink(path);
}

static void a_missing_file_is_an_error_without_a_user(void)
{
	assert_null(keys_file_open(files_path("missing"), NOBODY));
	assert_int_equal(errno, ENOENT);
}

static void a_missing_folder_is_an_error(void)
{
	assert_null(keys_file_open(files_path("missing/keys"), geteuid()));
	assert_int_equal(errno, ENOENT);
}

static void a_failed_write_is_reported(void)
{
	struct keys_file *file = open_with("a:1\n");

	keys_file_add(file, "b", "2");
	assert_int_equal(unlink(files_path("keys/keys")), 0);
	assert_int_equal(mkdir(files_path("keys/keys"), 0700), 0);
	assert_false(keys_file_write(file));
	assert_int_equal(errno, EISDIR);
	assert_int_equal(count_files(files_path("keys")), 1);
	files_remove(files_path("keys"));
}

static bool can_lock(const char *folder)
{
	int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done;

	assert_true(descriptor >= 0);
	done = flock(descriptor, LOCK_EX | LOCK_NB) == 0;
	assert_true(done || errno == EWOULDBLOCK);
	close(descriptor);
	return done;
}

static void while_it_is_open_others_wait(void)
{
	struct keys_file *file =
		keys_file_open(files_write("keys/keys", "a:1\n"), NOBODY);

	assert_non_null(file);
	assert_false(can_lock(files_path("keys")));
	keys_file_close(file);
	assert_true(can_lock(files_path("keys")));
}

static void closing_nothing_does_nothing(void)
{
	keys_file_close(NULL);
}

static struct unit_check checks[] = {
	{ "keys are found by their ids", keys_are_found_by_their_ids },
	{ "the age is that of the last change",
	  the_age_is_that_of_the_last_change },
	{ "the mode stays as it was", the_mode_stays_as_it_was },
	{ "a reader sees the old file until the change is complete",
	  a_reader_keeps_the_old_file },
	{ "no temporary file is left", no_temporary_file_is_left },
	{ "a link to the file stays one", a_link_to_the_file_stays_one },
	{ "a missing file is made for its user",
	  a_missing_file_is_made_for_its_user },
	{ "a missing file is an error without a user",
	  a_missing_file_is_an_error_without_a_user },
	{ "a missing folder is an error", a_missing_folder_is_an_error },
	{ "a change that cannot be written is an error",
	  a_failed_write_is_reported },
	{ "while it is open others wait", while_it_is_open_others_wait },
	{ "closing nothing does nothing", closing_nothing_does_nothing },
};

int main(void)
{
	UNIT_ROWS(changes, change_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("keys_file");
}
