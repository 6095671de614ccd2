#include "lib/base/plain_file.h"

#include <fcntl.h>
#include <unistd.h>

FILE *plain_file_open(const char *path)
{
	int descriptor =
		open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "r");

	if (descriptor >= 0 && !file)
		close(descriptor);
	return file;
}
