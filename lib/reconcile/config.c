#include "lib/reconcile/config.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/listener/answer_rules.h"
#include "lib/store/resource_config.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"

/* Names of config vars, separated by commas; NULL: none. */
struct config_names {
	const char *changed; /* both have a value */
	const char *only_here;
	const char *only_there;
};

static void add_name(struct arena *arena, const char **names, const char *name)
{
	*names = *names ? arena_printf(arena, "%s, %s", *names, name) : name;
}

static struct config_names compare_values(const struct reconcile_item *item,
					  const struct json *ours,
					  const struct json *theirs)
{
	struct config_names names = { 0 };

	for (const struct json *v = json_first(ours); v; v = json_next(v)) {
		const char *there =
			json_text(json_member(theirs, json_name(v)));

		if (!there)
			add_name(item->arena, &names.only_here, json_name(v));
		else if (strcmp(there, json_text(v)) != 0)
			add_name(item->arena, &names.changed, json_name(v));
	}
	for (const struct json *v = json_first(theirs); v; v = json_next(v))
		if (!json_member(ours, json_name(v)))
			add_name(item->arena, &names.only_there, json_name(v));
	return names;
}

/* ---- storing the marketplace's values ---- */

static bool are_valid_values(const struct json *config)
{
	for (const struct json *v = json_first(config); v; v = json_next(v))
		if (answer_rules_config_value(json_name(v), json_text(v)))
			return false;
	return true;
}

/* Return ours with the values of theirs, and set *event to the names that
 * change, as JSON. */
static const struct json *merge_their_config(struct arena *arena,
					     const struct json *ours,
					     const struct json *theirs,
					     const char **event)
{
	struct json *merged = json_copy(arena, theirs);
	struct json *names = json_object(arena);

	for (const struct json *v = json_first(ours); v; v = json_next(v))
		if (!json_member(theirs, json_name(v)))
			json_put(merged, json_name(v), v);
	for (const struct json *v = json_first(theirs); v; v = json_next(v)) {
		const char *old = json_text(json_member(ours, json_name(v)));

		if (!old || strcmp(old, json_text(v)) != 0)
			json_put_text(names, json_name(v), "set");
	}
	*event = json_print(arena, names);
	return merged;
}

/* Nothing is sent: the marketplace has these values. */
static const char *store_their_config(struct reconcile_item *item,
				      struct resource_secrets secrets,
				      const struct json *theirs)
{
	const struct provider *provider = item->run->provider;
	struct resource changed = item->resource;
	struct resource_config_change change = {
		.resource = &changed,
		.event = "config-set",
	};
	bool done;

	if (!are_valid_values(theirs))
		return NULL;
	secrets.config = merge_their_config(item->arena, secrets.config, theirs,
					    &change.after);
	changed.config =
		resource_secrets_seal(provider->keys, item->arena,
				      resource_identity(&changed), &secrets);
	if (resource_config_change(provider->db, item->arena, &change,
				   &reconcile_actor, &done)
		    != OUTCOME_OK
	    || !done)
		return NULL;
	return "stored here";
}

/* ---- repairs ---- */

struct config_repairs {
	const char *ours;
	const char *theirs;
};

static struct config_repairs
repair_config(struct reconcile_item *item,
	      const struct resource_secrets *secrets, const struct json *theirs,
	      const struct config_names *names)
{
	struct config_repairs repairs = { 0 };

	if (!item->run->repairs)
		return repairs;
	if (item->run->config == RECONCILE_CONFIG_OURS
	    && (names->changed || names->only_here || names->only_there))
		repairs.ours = reconcile_queue_job(item, item->resource.id,
						   JOB_PUSH_CONFIG);
	if (item->run->config == RECONCILE_CONFIG_THEIRS
	    && (names->changed || names->only_there))
		repairs.theirs = store_their_config(item, *secrets, theirs);
	return repairs;
}

bool reconcile_compare_config(struct reconcile_item *item,
			      const struct json *list)
{
	const struct json *theirs = reconcile_config_of(item, list);
	struct resource_secrets secrets;
	struct config_names names;
	struct config_repairs repairs;

	if (!resource_secrets_open(item->run->provider->keys, item->arena,
				   resource_identity(&item->resource),
				   item->resource.config, &secrets))
		return false;
	names = compare_values(item, secrets.config, theirs);
	repairs = repair_config(item, &secrets, theirs, &names);
	if (names.changed)
		reconcile_note_difference(
			item, RECONCILE_CONFIG, names.changed, "other values",
			repairs.ours ? repairs.ours : repairs.theirs);
	if (names.only_here)
		reconcile_note_difference(item, RECONCILE_CONFIG,
					  names.only_here, "no values",
					  repairs.ours);
	if (names.only_there)
		reconcile_note_difference(
			item, RECONCILE_CONFIG, "no values", names.only_there,
			repairs.ours ? repairs.ours : repairs.theirs);
	return true;
}
