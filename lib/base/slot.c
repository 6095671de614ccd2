#include "lib/base/slot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

enum { LARGEST_GROUP = 65536 }; /* slots */

/* A slot is a locked byte of the file, which need not be as long.  The lock
 * belongs to the descriptor. */
static struct flock lock_of(const struct slot_group *group, int slot)
{
	return (struct flock){
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = (off_t)group->number * LARGEST_GROUP + slot,
		.l_len = 1,
	};
}

static bool lock_any_slot(int file, const struct slot_group *group)
{
	for (int slot = 0; slot < group->size; slot++) {
		struct flock lock = lock_of(group, slot);

		if (fcntl(file, F_OFD_SETLK, &lock) == 0)
			return true;
	}
	return false;
}

int slot_take(const char *path, const struct slot_group *groups, int count)
{
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int taken = 0;

	if (file < 0)
		return -1;
	while (taken < count && lock_any_slot(file, &groups[taken]))
		taken++;
	if (taken == count)
		return file;
	close(file);
	errno = EBUSY;
	return -1;
}

int slot_count_others(int file, const struct slot_group *group)
{
	int others = 0;

	for (int slot = 0; slot < group->size; slot++) {
		struct flock lock = lock_of(group, slot);

		others += fcntl(file, F_OFD_GETLK, &lock) == 0
			&& lock.l_type != F_UNLCK;
	}
	return others;
}
