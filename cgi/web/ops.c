/*
 * ops.c - what monitoring calls.
 */
#include "cgi/web/handlers.h"

#include "cgi/web/http.h"
#include "lib/addon/homes.h"
#include "lib/base/arena.h"
#include "lib/text/json.h"
#include "lib/metrics/metrics.h"
#include "lib/db/migrate.h"
#include "lib/provider/provider.h"

enum outcome ops_health(struct exchange *x)
{
	x->answer = "{\"status\":\"ok\"}";
	return OUTCOME_OK;
}

static const char *judge_database(struct exchange *x, bool *is_ready)
{
	int missing = 0;
	enum outcome outcome =
		migrate_count_missing(x->provider->db, x->arena, &missing);

	*is_ready &= outcome == OUTCOME_OK && missing <= 0;
	if (outcome != OUTCOME_OK)
		return "away";
	return missing <= 0 ? "ok" : "not migrated: run provisor migrate";
}

static const char *judge_addons(struct exchange *x, bool *is_ready)
{
	const struct addons *addons = x->provider->addons;
	int invalid = addons->count - addons_count_valid(addons);

	if (invalid > 0) {
		*is_ready = false;
		return arena_printf(x->arena,
				    "%d of %d invalid: the log says which and "
				    "why",
				    invalid, addons->count);
	}
	if (addons->unreadable > 0) {
		*is_ready = false;
		return "not all can be read: the log says why";
	}
	return addons->findings.errors == 0
		? "ok"
		: "ok as they were; a change cannot be taken up: the log says "
		  "which and why";
}

static const char *judge_keys(struct exchange *x)
{
	return x->provider->keys_findings.errors == 0
		? "ok"
		: "ok as they were; a change cannot be taken up: the log says "
		  "why";
}

enum outcome ops_ready(struct exchange *x)
{
	bool is_ready = true;
	struct json *answer = json_object(x->arena);

	const char *database = judge_database(x, &is_ready);
	const char *addons = judge_addons(x, &is_ready);

	json_put_text(answer, "status", is_ready ? "ok" : "not ready");
	json_put_text(answer, "database", database);
	json_put_text(answer, "addons", addons);
	json_put_text(answer, "keys", judge_keys(x));
	if (!is_ready)
		json_put_text(answer, "message",
			      "The service is not ready to be used.");
	x->answer = json_print(x->arena, answer);
	return is_ready ? OUTCOME_OK : OUTCOME_UNAVAILABLE;
}

enum outcome ops_metrics(struct exchange *x)
{
	x->type = "text/plain; version=0.0.4; charset=utf-8";
	x->answer = metrics_text(x->arena);
	return OUTCOME_OK;
}
