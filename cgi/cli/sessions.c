/*
 * sessions.c - provisor sessions end: sign all browsers of a resource out.
 */
#include "cgi/cli/cli.h"

#include <stdio.h>

#include "cgi/cli/target.h"
#include "lib/db/db.h"
#include "lib/text/json.h"
#include "lib/store/sign_on.h"

static int end_all(const struct ctl *ctl, struct db *db, const char *id)
{
	const struct visit_event event = {
		.resource = id,
		.actor = ctl_resources_operator(ctl->arena),
	};

	if (visit_end_all(db, ctl->arena, &event) != OUTCOME_OK)
		return ctl_fail("the sessions of %s could not be ended; the "
				"log line above says why",
				id);
	printf("sessions ended: %s\n", id);
	return CTL_OK;
}

int ctl_sessions_end(const struct ctl *ctl)
{
	struct db *db = db_open(ctl->config.database);
	const struct json *found = ctl_resources_one(ctl, db);
	int status = found
		? end_all(ctl, db, json_text(json_member(found, "id")))
		: CTL_FAILED;

	db_close(db);
	return status;
}
