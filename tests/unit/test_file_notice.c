#include "files.h"

#include <fcntl.h>

#include "lib/base/file_notice.h"
#include "lib/base/log.h"

static void close_notice(void *notice)
{
	file_notice_close(notice);
}

static void make_link(const char *target, const char *name)
{
	const char *new = files_path(arena_printf(arena, "%s.new", name));

	assert_int_equal(symlink(target, new), 0);
	assert_int_equal(rename(new, files_path(name)), 0);
}

static void move(const char *from, const char *to)
{
	assert_int_equal(rename(files_path(from), files_path(to)), 0);
}

/*
 * Return a notice, which is closed at the end of the test, of a home that is
 * reached through a link.  It has a file, a link to a file, and a name that
 * does not exist; another path goes through a folder that does not exist.
 */
static struct file_notice *open_home(void)
{
	static const char *const paths[] = {
		"links/now/home",           "links/now/home/file",
		"links/now/home/link",      "links/now/home/gone",
		"links/now/home/none/file", "above/folder/file",
	};
	struct file_notice *notice = file_notice_open();

	arena_defer(arena, close_notice, notice);
	files_remove(files_path(""));
	mkdir(files_path(""), 0700);
	files_write("releases/first/home/file", "before");
	files_write("releases/second/home/file", "before");
	files_write("beside/file", "before");
	files_write("target/file", "before");
	files_write("above/folder/file", "before");
	mkdir(files_path("links"), 0700);
	make_link("../../../target/file", "releases/first/home/link");
	make_link("../releases/first", "links/now");
	for (size_t i = 0; i < COUNT(paths); i++)
		file_notice_add(notice, files_path(paths[i]));
	return notice;
}

/* ---- changes ---- */

static void nothing(void)
{
}

static void read_the_file(void)
{
	assert_text(files_read(files_path("links/now/home/file")), "before");
}

static void write_elsewhere(void)
{
	files_write("beside/file", "after");
}

static void write_over(void)
{
	int file = open(files_path("releases/first/home/file"),
			O_WRONLY | O_CLOEXEC);

	assert_true(file >= 0);
	assert_int_equal(write(file, "after!", 6), 6);
	assert_int_equal(close(file), 0);
}

static void replace_the_file(void)
{
	files_write("beside/new", "after");
	move("beside/new", "releases/first/home/file");
}

static void remove_the_file(void)
{
	assert_int_equal(unlink(files_path("releases/first/home/file")), 0);
}

static void change_the_mode(void)
{
	assert_int_equal(chmod(files_path("releases/first/home/file"), 0640),
			 0);
}

static void change_the_time(void)
{
	static const struct timespec times[2] = { { 1, 0 }, { 1, 0 } };

	assert_int_equal(utimensat(AT_FDCWD,
				   files_path("releases/first/home/file"),
				   times, 0),
			 0);
}

static void create_the_absent_file(void)
{
	files_write("releases/first/home/gone", "");
}

static void create_the_absent_folder(void)
{
	assert_int_equal(mkdir(files_path("releases/first/home/none"), 0700),
			 0);
}

static void write_the_target(void)
{
	files_write("target/file", "after");
}

static void replace_the_link_to_the_home(void)
{
	make_link("../releases/second", "links/now");
}

static void replace_the_link_to_the_file(void)
{
	make_link("../../../beside/file", "releases/first/home/link");
}

static void replace_the_home(void)
{
	move("releases/first/home", "beside/home");
	move("releases/second/home", "releases/first/home");
}

static void replace_the_folder_above(void)
{
	move("above", "moved");
}

static void remove_the_home(void)
{
	files_remove(files_path("releases/first/home"));
}

static void move_the_folder_of_the_target(void)
{
	move("target", "moved");
}

static struct notice_row {
	const char *name;
	void (*change)(void);
	bool expected;
} rows[] = {
	{ "no look is due without a change", nothing, false },
	{ "no look is due after reading", read_the_file, false },
	{ "no look is due after a change elsewhere", write_elsewhere, false },
	{ "a look is due after writing", write_over, true },
	{ "a look is due after replacing a file", replace_the_file, true },
	{ "a look is due after removing a file", remove_the_file, true },
	{ "a look is due after a change of the mode", change_the_mode, true },
	{ "a look is due after a change of the time", change_the_time, true },
	{ "a look is due when a file appears", create_the_absent_file, true },
	{ "a look is due when a folder appears", create_the_absent_folder,
	  true },
	{ "a look is due after writing through a link", write_the_target,
	  true },
	{ "a look is due when a link to the folder is replaced",
	  replace_the_link_to_the_home, true },
	{ "a look is due when a link to a file is replaced",
	  replace_the_link_to_the_file, true },
	{ "a look is due when the folder is replaced", replace_the_home, true },
	{ "a look is due when the folder above is replaced",
	  replace_the_folder_above, true },
	{ "a look is due when the folder is removed", remove_the_home, true },
	{ "a look is due when the folder of a link's target is moved",
	  move_the_folder_of_the_target, true },
};

static void look_is_due_as_expected(void **state)
{
	const struct notice_row *row = *state;
	struct file_notice *notice = open_home();

	assert_true(file_notice_is_due(notice));
	assert_false(file_notice_is_due(notice));
	row->change();
	assert_bool(file_notice_is_due(notice), row->expected);
	assert_false(file_notice_is_due(notice));
}

/* ---- without reports ---- */

/* Nothing reports changes of a file whose folder cannot be found out. */
static void assert_blind(const char *path)
{
	struct file_notice *notice = file_notice_open();
	const char *log = files_write("log", "");

	arena_defer(arena, close_notice, notice);
	assert_true(log_to(log));
	file_notice_add(notice, path);
	assert_contains(files_read(log), "once a second");
	assert_true(file_notice_is_due(notice));
	assert_false(file_notice_is_due(notice));
}

static void a_relative_path_is_not_reported(void)
{
	assert_blind("file");
}

static void a_network_file_system_is_not_reported(void)
{
	assert_blind("/proc/self/status");
}

static void a_loop_of_links_ends(void)
{
	files_remove(files_path("loop"));
	make_link("loop", "loop");
	assert_blind(files_path("loop"));
}

static void a_long_path_is_refused(void)
{
	char path[8192];

	memset(path, '/', sizeof path);
	path[sizeof path - 1] = '\0';
	assert_blind(path);
}

/* A program that writes all the time must not block the caller. */
static void many_reports_are_not_taken_at_once(void)
{
	struct file_notice *notice = open_home();

	assert_true(file_notice_is_due(notice));
	for (int i = 0; i < 1000; i++)
		files_write(i % 2 ? "releases/first/home/file"
				  : "releases/first/home/gone",
			    "after");
	assert_true(file_notice_is_due(notice));
	assert_true(file_notice_is_due(notice));
}

static void the_pause_grows_with_the_paths(void)
{
	struct file_notice *notice = file_notice_open();

	arena_defer(arena, close_notice, notice);
	files_write("folder/file", "before");
	for (int i = 0; i < 1000000; i++)
		file_notice_add(notice, files_path("folder/file"));
	assert_true(file_notice_is_due(notice));
	files_write("folder/file", "after");
	assert_false(file_notice_is_due(notice));
}

static struct unit_check checks[] = {
	{ "changes of a relative path are not reported",
	  a_relative_path_is_not_reported },
	{ "changes on another kind of file system are not reported",
	  a_network_file_system_is_not_reported },
	{ "links that lead to one another end", a_loop_of_links_ends },
	{ "a path that is too long is not watched", a_long_path_is_refused },
	{ "many reports are not taken at once",
	  many_reports_are_not_taken_at_once },
	{ "the pause grows with the number of paths",
	  the_pause_grows_with_the_paths },
};

int main(void)
{
	UNIT_ROWS(rows, look_is_due_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("notice");
}
