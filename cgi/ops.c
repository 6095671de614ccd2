/*
 * ops.c - what monitoring calls.
 */
#include "cgi/handlers.h"

#include <string.h>

#include "cgi/http.h"
#include "lib/addon.h"
#include "lib/arena.h"
#include "lib/json.h"
#include "lib/migrate.h"
#include "lib/provider.h"

enum outcome ops_health(struct exchange *x)
{
	x->answer = "{\"status\":\"ok\"}";
	return OUTCOME_OK;
}

static const char *judge_database(struct exchange *x)
{
	bool is_current;

	if (migrate_check(x->provider->db, x->arena, &is_current) != OUTCOME_OK)
		return "away";
	return is_current ? "ok" : "not migrated: run provisor migrate";
}

static const char *judge_addons(struct exchange *x)
{
	const struct addons *addons = x->provider->addons;
	int invalid = 0;

	for (int i = 0; i < addons->count; i++)
		invalid += !addons->list[i].is_valid;
	if (invalid > 0)
		return arena_printf(x->arena,
				    "%d of %d invalid: the log says which and "
				    "why",
				    invalid, addons->count);
	return addons->unreadable > 0 ? "not all can be read: the log says why"
				      : "ok";
}

enum outcome ops_ready(struct exchange *x)
{
	const char *database = judge_database(x);
	const char *addons = judge_addons(x);
	bool is_ready =
		strcmp(database, "ok") == 0 && strcmp(addons, "ok") == 0;
	struct json *answer = json_object(x->arena);

	json_put_text(answer, "status", is_ready ? "ok" : "not ready");
	json_put_text(answer, "database", database);
	json_put_text(answer, "addons", addons);
	if (!is_ready)
		json_put_text(answer, "message",
			      "The service is not ready to be used.");
	x->answer = json_print(x->arena, answer);
	return is_ready ? OUTCOME_OK : OUTCOME_UNAVAILABLE;
}
