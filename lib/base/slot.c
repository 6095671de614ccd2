#include "lib/base/slot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

/* A slot is a locked byte of the file.  The lock belongs to the descriptor. */
static bool lock_byte(int file, int offset)
{
	struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = offset,
		.l_len = 1,
	};

	return fcntl(file, F_OFD_SETLK, &lock) == 0;
}

int slot_take(const char *path, int count)
{
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int slot = 0;

	if (file < 0)
		return -1;
	while (slot < count && !lock_byte(file, slot))
		slot++;
	if (slot < count)
		return file;
	close(file);
	errno = EBUSY;
	return -1;
}
