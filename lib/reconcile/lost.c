#include "lib/reconcile/lost.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/text/iso8601.h"
#include "lib/store/job.h"
#include "lib/text/json.h"
#include "lib/provider/internal.h"
#include "lib/import/import.h"
#include "lib/import/row.h"
#include "lib/text/uuid.h"

enum { LONGEST_RANGE = 255, MOST_PAGES = 10000, MOST_FAILURES = 3 };

/* Seen as if it were an id. */
#define NO_LIST "no list"

/* ---- what was seen ---- */

struct reconcile_seen {
	struct arena *arena; /* of the names */
	void *root;          /* of a tree of them */
	/* The add-on whose lists failed last, so often in a row, and why. */
	const struct addon *doubtful;
	int failures;
	const char *why;
};

struct reconcile_seen *reconcile_seen_create(void)
{
	struct reconcile_seen *seen = must(calloc(1, sizeof *seen));

	seen->arena = arena_create();
	return seen;
}

const char *reconcile_seen_doubt(const struct reconcile_seen *seen)
{
	return seen->doubtful ? seen->why : NULL;
}

static void let_be(void *name)
{
	(void)name;
}

void reconcile_seen_destroy(struct reconcile_seen *seen)
{
	tdestroy(seen->root, let_be);
	arena_destroy(seen->arena);
	free(seen);
}

static int by_name(const void *one, const void *other)
{
	return strcmp(one, other);
}

static const char *name_of(struct arena *arena, const struct reconcile_case *c,
			   const char *uuid)
{
	return arena_printf(arena, "%s %s %s", c->resource.marketplace,
			    c->resource.addon, uuid);
}

static bool is_seen(const struct reconcile_case *c, struct arena *arena,
		    const char *uuid)
{
	return tfind(name_of(arena, c, uuid), &c->r->seen->root, by_name);
}

static void see(const struct reconcile_case *c, const char *uuid)
{
	struct reconcile_seen *seen = c->r->seen;

	must(tsearch(name_of(seen->arena, c, uuid), &seen->root, by_name));
}

/* ---- taking in ---- */

static const struct json *read_config(const struct reconcile_case *c,
				      const struct json *list)
{
	struct json *config = json_object(c->arena);

	for (list = json_first(list); list; list = json_next(list)) {
		const char *name = json_text(json_member(list, "name"));
		const char *value = json_text(json_member(list, "value"));

		if (name && value && addon_declares(c->addon, name))
			json_put_text(config, name, value);
	}
	return config;
}

static struct import_row row_of(const struct json *addon, const char *uuid)
{
	const char *id = json_text(json_member(addon, "provider_id"));
	const char *created = json_text(json_member(addon, "created_at"));
	struct import_row row = {
		.told = {
			.marketplace_id = uuid,
			.provider_id = id && *id ? id : NULL,
			.name = json_text(json_member(addon, "name")),
			.plan = reconcile_plan_there(addon),
			.state = RESOURCE_PROVISIONED,
		},
	};

	if (created)
		(void)!iso8601_read(created, &row.created_at);
	return row;
}

/* Customers keep the config they have, which only the marketplace knows. */
static const char *take_in(struct reconcile_case *c, const struct json *addon,
			   const char *uuid)
{
	const struct platform_answer config = reconcile_ask(
		c, c->arena,
		(struct platform_question){ .call = PLATFORM_READ_CONFIG,
					    .uuid = uuid });
	struct provider_call call = reconcile_call(c);
	struct import_row row = row_of(addon, uuid);
	struct import_judgement judgement;
	struct resource taken;
	bool found;

	if (config.verdict != PLATFORM_DONE || !row.told.plan)
		return NULL;
	row.config = read_config(c, config.body);
	if (import_resource(c->r->provider, &call, &row, false, &judgement)
		    != OUTCOME_OK
	    || judgement.verdict != IMPORT_NEW)
		return NULL;
	if (provider_find(c->r->provider, &call, uuid, true, &taken, &found)
		    == OUTCOME_OK
	    && found)
		reconcile_queue(c, taken.id, JOB_EXCHANGE);
	return "imported";
}

/* ---- looking ---- */

static bool is_ours(const struct reconcile_case *c, const struct json *addon)
{
	const char *service = json_text(
		json_member(json_member(addon, "addon_service"), "name"));

	return service && strcmp(service, c->addon->id) == 0;
}

static void report(struct reconcile_case *c, enum reconcile_matter matter,
		   const char *uuid, const char *here, const char *done)
{
	if (done)
		c->r->mended++;
	else
		c->r->differing++;
	reconcile_tell(c, matter, uuid, here, "provisioned", done);
}

/* By either of its ids: what was imported may lack the marketplace's. */
static enum outcome find(struct reconcile_case *c, struct arena *arena,
			 const struct json *addon, const char *uuid,
			 struct resource *here, bool *found)
{
	const char *id = json_text(json_member(addon, "provider_id"));
	struct provider_call call = reconcile_call(c);
	enum outcome outcome;

	call.arena = arena;
	outcome = provider_find(c->r->provider, &call, uuid, true, here, found);
	if (outcome == OUTCOME_OK && !*found && id && *id)
		outcome = provider_find(c->r->provider, &call, id, false, here,
					found);
	return outcome;
}

static void judge(struct reconcile_case *c, struct arena *arena,
		  const struct json *addon)
{
	const char *text = json_text(json_member(addon, "id"));
	const char *state = reconcile_state_there(addon);
	struct resource here;
	char uuid[UUID_LENGTH + 1];
	enum outcome outcome;
	bool found;

	if (!text || !uuid_read(text, uuid) || !is_ours(c, addon)
	    || is_seen(c, arena, uuid))
		return;
	see(c, uuid);
	/* What is being provisioned has yet to come. */
	if (!state || strcmp(state, "provisioned") != 0)
		return;
	outcome = find(c, arena, addon, uuid, &here, &found);
	if (outcome != OUTCOME_OK)
		c->outcome = outcome;
	else if (!found)
		report(c, RECONCILE_LOST, uuid, NULL,
		       c->r->repairs ? take_in(c, addon, uuid) : NULL);
	else if (here.state != RESOURCE_PROVISIONING
		 && here.state != RESOURCE_PROVISIONED)
		report(c, RECONCILE_STATE, here.id,
		       resource_state_name(here.state), NULL);
}

/* No other list of this add-on is asked for: it would be no better. */
static void stop_listing(struct reconcile_case *c, const char *why)
{
	see(c, NO_LIST);
	if (!c->r->blind)
		c->r->blind = arena_strdup(c->r->seen->arena, why);
}

/* What is away, or calls for this resource now, may not do so for the next. */
static void fail(struct reconcile_case *c, const struct platform_answer *answer)
{
	struct reconcile_seen *seen = c->r->seen;

	seen->failures = seen->doubtful == c->addon ? seen->failures + 1 : 1;
	seen->doubtful = c->addon;
	seen->why = arena_strdup(seen->arena, answer->why);
	if (answer->verdict == PLATFORM_FORBIDDEN
	    || answer->verdict == PLATFORM_REFUSED
	    || seen->failures == MOST_FAILURES)
		stop_listing(c, answer->why);
}

/* Where the list goes on is written to range; false: nowhere. */
static bool read_page(struct reconcile_case *c, struct arena *arena,
		      char range[LONGEST_RANGE + 1])
{
	const struct platform_answer answer = reconcile_ask(
		c, arena,
		(struct platform_question){ .call = PLATFORM_LIST,
					    .range = *range ? range : NULL });
	const char *next = answer.next_range;

	if (answer.verdict != PLATFORM_DONE) {
		fail(c, &answer);
		return false;
	}
	for (const struct json *addon = json_first(answer.body);
	     addon && c->outcome == OUTCOME_OK; addon = json_next(addon))
		judge(c, arena, addon);
	if (!next) {
		c->r->seen->doubtful = NULL;
		return false;
	}
	if (strlen(next) > LONGEST_RANGE) {
		stop_listing(c, "GET /addons: its list cannot be gone on with");
		return false;
	}
	snprintf(range, LONGEST_RANGE + 1, "%s", next);
	return true;
}

bool reconcile_look_for_lost(struct reconcile_case *c)
{
	const char *uuid = c->resource.marketplace_id;
	char range[LONGEST_RANGE + 1] = "";
	struct arena *arena = arena_create();
	bool asks = !is_seen(c, arena, uuid) && !is_seen(c, arena, NO_LIST);
	bool has_more = asks;

	for (int page = 0; has_more && c->outcome == OUTCOME_OK; page++) {
		has_more = read_page(c, arena, range);
		arena_reset(arena);
		if (has_more && page == MOST_PAGES) {
			stop_listing(c, "GET /addons: its list does not end");
			has_more = false;
		}
	}
	arena_destroy(arena);
	see(c, uuid);
	return asks;
}
