#include <string.h>

#include "lib/process/supervisor.h"

bool supervisor_report_read(const char *bytes, size_t length,
			    struct supervisor_report *report)
{
	const size_t at = offsetof(struct supervisor_report, has_leftovers);
	struct supervisor_report read;

	/* A bool with another value must not be read. */
	if (length != sizeof read || (unsigned char)bytes[at] > true)
		return false;
	memcpy(&read, bytes, sizeof read);
	if ((unsigned int)read.news > SUPERVISOR_LATE
	    || (unsigned int)read.step > SUPERVISOR_EXEC)
		return false;
	*report = read;
	return true;
}
