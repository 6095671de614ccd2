#include "lib/db/sqlstate.h"

#include <stddef.h>
#include <string.h>

#include "lib/base/base.h"

const struct sqlstate *sqlstate_find(const char *code)
{
	static const char disk[] = "free space on the server's disk";
	static const char migrate[] = "run provisor migrate";
	static const char role[] = "use the role provisor_worker";
	/* clang-format off */
	static const struct sqlstate states[] = {
		/* the connection, a shutdown, a standby */
		{ "08",    OUTCOME_UNAVAILABLE, true,  false, NULL },
		{ "57P0",  OUTCOME_UNAVAILABLE, true,  false, NULL },
		{ "25006", OUTCOME_UNAVAILABLE, true,  false, NULL },
		/* timeouts, deadlocks, a lack of resources */
		{ "57014", OUTCOME_UNAVAILABLE, false, false, NULL },
		{ "55P03", OUTCOME_UNAVAILABLE, false, false, NULL },
		{ "40",    OUTCOME_UNAVAILABLE, false, false, NULL },
		{ "53100", OUTCOME_UNAVAILABLE, false, false, disk },
		{ "53",    OUTCOME_UNAVAILABLE, false, false, NULL },
		{ "58030", OUTCOME_UNAVAILABLE, false, false, NULL },
		/* missing migrations or rights */
		{ "42P01", OUTCOME_UNAVAILABLE, false, false, migrate },
		{ "42703", OUTCOME_UNAVAILABLE, false, false, migrate },
		{ "42501", OUTCOME_UNAVAILABLE, false, false, role },
		/* values */
		{ "22",    OUTCOME_INVALID,     false, true,  NULL },
		{ "23514", OUTCOME_BROKEN,      false, false, NULL },
		{ "23",    OUTCOME_BROKEN,      false, true,  NULL },
		{ "",      OUTCOME_BROKEN,      false, false, NULL },
	};
	/* clang-format on */
	size_t i = 0;

	while (strncmp(code, states[i].prefix, strlen(states[i].prefix)) != 0)
		i++;
	return &states[i];
}

enum metrics_write sqlstate_write_trouble(const char *code)
{
	static const struct {
		const char *code;
		enum metrics_write trouble;
	} troubles[] = {
		{ "53100", METRICS_NO_SPACE },
		{ "58030", METRICS_IO_ERROR },
		{ "25006", METRICS_READ_ONLY },
	};

	for (size_t i = 0; i < COUNT(troubles); i++)
		if (strcmp(code, troubles[i].code) == 0)
			return troubles[i].trouble;
	return METRICS_WRITES_WORK;
}
