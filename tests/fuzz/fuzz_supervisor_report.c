/* Bytes are a report of a supervisor only if each of its members has a value
 * that a supervisor writes. */
#include "fuzz.h"

#include <string.h>

#include "lib/process/supervisor.h"

void fuzz_input(struct arena *arena, const char *text, size_t length)
{
	struct supervisor_report report, again;
	char bytes[sizeof report];

	if (!supervisor_report_read(fuzz_bare(arena, text, length), length,
				    &report))
		return;
	assert(length == sizeof report);
	assert(report.news == SUPERVISOR_NOT_RUN
	       || report.news == SUPERVISOR_ENDED
	       || report.news == SUPERVISOR_LATE);
	assert(report.step >= SUPERVISOR_FORK
	       && report.step <= SUPERVISOR_EXEC);
	memcpy(bytes, &report, sizeof bytes);
	assert(supervisor_report_read(bytes, sizeof bytes, &again));
	assert(again.news == report.news && again.step == report.step
	       && again.value == report.value
	       && again.has_leftovers == report.has_leftovers);
}
