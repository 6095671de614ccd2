#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "lib/base/file_replace.h"

static int folder;

static int count_files(void)
{
	DIR *entries = opendir(files_path("folder"));
	int count = 0;

	assert_non_null(entries);
	for (const struct dirent *e; (e = readdir(entries));)
		count += e->d_name[0] != '.' || strlen(e->d_name) > 2;
	closedir(entries);
	return count;
}

static void close_folder(void *unused)
{
	(void)unused;
	close(folder);
}

static const char *begin(const char *content)
{
	files_remove(files_path("folder"));
	files_write("folder/other", "untouched");
	folder = open(files_path("folder"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(folder >= 0);
	arena_defer(arena, close_folder, NULL);
	return content ? files_write("folder/file", content)
		       : files_path("folder/file");
}

static bool replace(const char *text, const struct stat *like)
{
	return file_replace(folder, "file", text, strlen(text), like);
}

static void owner_and_mode_stay(void)
{
	const char *path = begin("old");
	struct stat before, after;

	assert_int_equal(chmod(path, 0640), 0);
	if (geteuid() == 0)
		assert_int_equal(chown(path, 65534, 65533), 0);
	assert_int_equal(stat(path, &before), 0);
	assert_true(replace("new", &before));
	assert_int_equal(stat(path, &after), 0);
	assert_string_equal(files_read(path), "new");
	assert_int_equal(after.st_mode, before.st_mode);
	assert_int_equal(after.st_uid, before.st_uid);
	assert_int_equal(after.st_gid, before.st_gid);
	assert_int_not_equal(after.st_ino, before.st_ino);
	assert_int_equal(count_files(), 2);
}

static const struct stat of_new = {
	.st_mode = 0600,
	.st_uid = (uid_t)-1,
	.st_gid = (gid_t)-1,
};

static void a_new_file_is_private(void)
{
	const char *path = begin(NULL);
	struct stat status;

	assert_true(replace("new", &of_new));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(status.st_uid, geteuid());
}

static void a_link_is_replaced_itself(void)
{
	const char *path = begin(NULL);

	assert_int_equal(symlinkat("other", folder, "file"), 0);
	assert_true(replace("new", &of_new));
	assert_string_equal(files_read(files_path("folder/other")),
			    "untouched");
	assert_string_equal(files_read(path), "new");
}

static void what_a_killed_process_has_left_is_replaced(void)
{
	const char *left = arena_printf(arena, ".file.%d", (int)getpid());

	begin("old");
	assert_int_equal(symlinkat("other", folder, left), 0);
	assert_true(replace("new", &of_new));
	assert_string_equal(files_read(files_path("folder/other")),
			    "untouched");
	assert_int_equal(count_files(), 2);
}

static void a_failure_leaves_the_old_file(void)
{
	const char *path = begin("old");

	assert_int_equal(mkdirat(folder, "taken", 0700), 0);
	assert_false(file_replace(folder, "taken", "new", 3, &of_new));
	assert_int_equal(errno, EISDIR);
	assert_string_equal(files_read(path), "old");
	assert_int_equal(count_files(), 3);
}

static struct unit_check checks[] = {
	{ "owner, group and mode stay", owner_and_mode_stay },
	{ "a new file is private", a_new_file_is_private },
	{ "a link is replaced itself", a_link_is_replaced_itself },
	{ "what a killed process has left is replaced",
	  what_a_killed_process_has_left_is_replaced },
	{ "a failure leaves the old file", a_failure_leaves_the_old_file },
};

int main(void)
{
	UNIT_CHECKS(checks);
	return unit_run("file_replace");
}
