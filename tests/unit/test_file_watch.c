#include "files.h"

#include <fcntl.h>
#include <time.h>

#include "lib/base/file_watch.h"

static void close_watch(void *watch)
{
	file_watch_close(watch);
}

/* Return a watch that is closed at the end of the test. */
static struct file_watch *open_watch(void)
{
	struct file_watch *watch = file_watch_open();

	arena_defer(arena, close_watch, watch);
	return watch;
}

/* Modification times have the resolution of the system's tick. */
static void let_time_pass(void)
{
	static const struct timespec ticks = { .tv_nsec = 20000000 };

	nanosleep(&ticks, NULL);
}

/* Restore an earlier modification time of path. */
static void set_time(const char *path, const struct stat *once)
{
	const struct timespec times[] = { once->st_atim, once->st_mtim };

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* Overwrite a file without replacing it. */
static void overwrite(const char *path, const char *content)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t size = (ssize_t)strlen(content);

	assert_true(file >= 0);
	assert_int_equal(write(file, content, (size_t)size), size);
	assert_int_equal(close(file), 0);
}

/* ---- one file, "before" at first ---- */

static void stay(const char *path)
{
	(void)path;
	let_time_pass();
}

static void read_it(const char *path)
{
	let_time_pass();
	assert_text(files_read(path), "before");
}

static void write_another(const char *path)
{
	(void)path;
	files_write("watched.orig", "another");
}

static void write_as_much(const char *path)
{
	let_time_pass();
	overwrite(path, "after!");
}

static void write_the_same(const char *path)
{
	let_time_pass();
	overwrite(path, "before");
}

/* Only the size differs. */
static void append_at_the_same_time(const char *path)
{
	struct stat once;

	assert_int_equal(stat(path, &once), 0);
	overwrite(path, "before, and more");
	set_time(path, &once);
}

/* Only the inode differs. */
static void replace_by_its_like(const char *path)
{
	const char *new = files_write("watched.new", "after!");
	struct stat once;

	assert_int_equal(stat(path, &once), 0);
	set_time(new, &once);
	assert_int_equal(rename(new, path), 0);
}

/* Only the time differs: it goes back by a whole second. */
static void restore_an_old_one(const char *path)
{
	struct stat once;

	assert_int_equal(stat(path, &once), 0);
	once.st_mtim.tv_sec--;
	set_time(path, &once);
}

static void shift_by_a_nanosecond(const char *path)
{
	struct stat once;

	assert_int_equal(stat(path, &once), 0);
	once.st_mtim.tv_nsec += once.st_mtim.tv_nsec == 0 ? 1 : -1;
	set_time(path, &once);
}

static void change_the_mode(const char *path)
{
	assert_int_equal(chmod(path, 0640), 0);
}

static void remove_it(const char *path)
{
	assert_int_equal(unlink(path), 0);
}

static void put_a_folder_there(const char *path)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0600), 0);
}

static struct change_row {
	const char *name;
	void (*change)(const char *path);
	bool expected;
} changes[] = {
	{ "what stays is unchanged", stay, false },
	{ "what is read is unchanged", read_it, false },
	{ "what lies beside is not watched", write_another, false },
	{ "a file that is written over has changed", write_as_much, true },
	{ "a file has changed though it reads the same", write_the_same, true },
	{ "a file of another size has changed", append_at_the_same_time, true },
	{ "a file that its like replaced has changed", replace_by_its_like,
	  true },
	{ "a file that got older has changed", restore_an_old_one, true },
	{ "a nanosecond is a change", shift_by_a_nanosecond, true },
	{ "a file of another mode has changed", change_the_mode, true },
	{ "a file that was removed has changed", remove_it, true },
	{ "a folder in a file's place is a change", put_a_folder_there, true },
};

static void change_is_as_expected(void **state)
{
	const struct change_row *row = *state;
	struct file_watch *watch = open_watch();
	const char *path = files_path("watched");

	files_remove(path);
	files_write("watched", "before");
	file_watch_add(watch, path);
	assert_false(file_watch_has_changed(watch));
	row->change(path);
	assert_bool(file_watch_has_changed(watch), row->expected);
	/* The check does not update the watch. */
	assert_bool(file_watch_has_changed(watch), row->expected);
}

/* ---- other things to watch ---- */

static void a_watch_of_nothing_never_changes(void)
{
	assert_false(file_watch_has_changed(open_watch()));
}

static void a_missing_file_is_watched_for_appearing(void)
{
	struct file_watch *watch = open_watch();
	const char *path = files_path("missing");

	files_remove(path);
	file_watch_add(watch, path);
	assert_false(file_watch_has_changed(watch));
	files_write("missing", "");
	assert_true(file_watch_has_changed(watch));
	files_remove(path);
	assert_false(file_watch_has_changed(watch));
}

static void a_file_in_a_missing_folder_is_too(void)
{
	struct file_watch *watch = open_watch();

	files_remove(files_path("gone"));
	file_watch_add(watch, files_path("gone/file"));
	assert_false(file_watch_has_changed(watch));
	files_write("gone/file", "");
	assert_true(file_watch_has_changed(watch));
}

static void a_folder_changes_with_its_entries(void)
{
	struct file_watch *watch = open_watch();

	files_remove(files_path("folder"));
	files_write("folder/one", "1");
	file_watch_add(watch, files_path("folder"));
	assert_false(file_watch_has_changed(watch));
	let_time_pass();
	files_write("folder/two", "2");
	assert_true(file_watch_has_changed(watch));
}

static void a_link_is_watched_for_what_it_leads_to(void)
{
	struct file_watch *watch = open_watch();
	const char *link = files_path("link");

	files_write("one", "same");
	files_write("two", "same");
	unlink(link);
	assert_int_equal(symlink("one", link), 0);
	file_watch_add(watch, link);
	assert_false(file_watch_has_changed(watch));
	assert_int_equal(symlink("two", files_path("link.new")), 0);
	assert_int_equal(rename(files_path("link.new"), link), 0);
	assert_true(file_watch_has_changed(watch));
}

static void any_of_several_files_counts(void)
{
	static const char *const names[] = { "first", "second", "third" };

	for (size_t changed = 0; changed < COUNT(names); changed++) {
		struct file_watch *watch = open_watch();

		for (size_t i = 0; i < COUNT(names); i++)
			file_watch_add(watch, files_write(names[i], names[i]));
		assert_false(file_watch_has_changed(watch));
		assert_int_equal(unlink(files_path(names[changed])), 0);
		assert_true(file_watch_has_changed(watch));
	}
}

static void a_path_is_copied(void)
{
	struct file_watch *watch = open_watch();
	char *path = arena_strdup(arena, files_write("copied", ""));

	file_watch_add(watch, path);
	*path = '\0';
	assert_false(file_watch_has_changed(watch));
}

static struct unit_check checks[] = {
	{ "a watch of nothing never changes",
	  a_watch_of_nothing_never_changes },
	{ "a missing file is watched for appearing",
	  a_missing_file_is_watched_for_appearing },
	{ "a file in a missing folder is watched for appearing",
	  a_file_in_a_missing_folder_is_too },
	{ "a folder changes with its entries",
	  a_folder_changes_with_its_entries },
	{ "a link is watched for what it leads to",
	  a_link_is_watched_for_what_it_leads_to },
	{ "any of several files counts", any_of_several_files_counts },
	{ "a path is copied", a_path_is_copied },
};

int main(void)
{
	UNIT_ROWS(changes, change_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("watch");
}
