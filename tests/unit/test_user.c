#include "files.h"

#include <errno.h>
#include <unistd.h>

#include "lib/process/user.h"

enum { NOBODY = 65534, WITHOUT_A_NAME = 54321 };

static struct reading_row {
	const char *name;
	const char *file; /* in the folder; "": the folder itself */
	mode_t mode;
	uid_t user;
	int error; /* 0: the file can be read */
} readings[] = {
	{ "a user can read what all can", "file", 0644, NOBODY, 0 },
	{ "a user cannot read another user's file", "file", 0600, NOBODY,
	  EACCES },
	{ "a group of another's is not the user's", "file", 0640, NOBODY,
	  EACCES },
	{ "root can read all", "file", 0, 0, 0 },
	{ "what is missing cannot be read", "missing", 0, NOBODY, ENOENT },
	{ "a folder cannot be read", "", 0755, NOBODY, EISDIR },
	{ "a user that is not there can read nothing", "file", 0644,
	  WITHOUT_A_NAME, ESRCH },
};

static void reading_is_as_expected(void **state)
{
	const struct reading_row *row = *state;
	const char *path;

	if (geteuid() != 0)
		skip(); /* only root can become another user */
	files_write("file", "text");
	assert_int_equal(chmod(files_path(""), 0755), 0);
	path = files_path(row->file);
	chmod(path, row->mode);
	errno = 0;
	assert_bool(user_can_read(row->user, path), row->error == 0);
	assert_int_equal(errno, row->error);
}

static void who_is_not_root_stays_who_he_is(void)
{
	const char *path = files_write("mine", "text");

	assert_true(user_can_read(geteuid(), path));
	assert_false(user_can_read(geteuid(), files_path("missing")));
	assert_int_equal(errno, ENOENT);
}

static struct unit_check checks[] = {
	{ "who is not root stays who he is", who_is_not_root_stays_who_he_is },
};

int main(void)
{
	UNIT_ROWS(readings, reading_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("user");
}
