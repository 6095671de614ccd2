#include "lib/base/write_whole.h"

#include <errno.h>
#include <unistd.h>

bool write_whole(int file, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(file, bytes, length);

		if (written < 0 && errno != EINTR)
			return false;
		bytes += written > 0 ? written : 0;
		length -= written > 0 ? (size_t)written : 0;
	}
	return true;
}
