/*
 * config_job.c - jobs that send config vars to the marketplace, and check what
 * it has.
 */
#include "lib/jobs/handlers.h"

#include <string.h>

#include "lib/addon/addon.h"
#include "lib/platform/platform.h"
#include "lib/store/resource_secrets.h"
#include "lib/text/json.h"

/* ---- push ---- */

static bool is_config_listed(const struct json *list, const char *name)
{
	for (list = json_first(list); list; list = json_next(list)) {
		const char *listed = json_text(json_member(list, "name"));

		if (listed && strcmp(listed, name) == 0)
			return true;
	}
	return false;
}

/*
 * Set *whole to config, plus null for each declared name that was unset: it is
 * not in config, but the marketplace still has it.  A marketplace may refuse
 * null for a name that it does not have, so its list is read, but only if a
 * declared name is not in config.
 */
static struct platform_response add_unset_names(struct job_run *run,
						const struct json *config,
						const struct json **whole)
{
	const struct json *name = json_first(run->addon->config_vars);
	struct json *all = json_copy(run->claim.arena, config);
	struct platform_response list = { .verdict = PLATFORM_DONE };

	for (; name && list.verdict == PLATFORM_DONE; name = json_next(name)) {
		if (!json_text(name) || json_member(all, json_text(name)))
			continue;
		if (!list.body)
			list = call_marketplace(run, PLATFORM_READ_CONFIG,
						NULL);
		if (is_config_listed(list.body, json_text(name)))
			json_put(all, json_text(name), NULL);
	}
	*whole = all;
	return list;
}

enum outcome config_job_push(struct job_run *run)
{
	const struct json *config;
	struct platform_response answer;
	struct resource_secrets secrets;

	if (!open_config_vars(run, &secrets))
		return retry_marketplace(run, 0, "its config cannot be opened");
	answer = add_unset_names(run, secrets.config, &config);
	if (answer.verdict == PLATFORM_DONE)
		answer = call_marketplace(run, PLATFORM_WRITE_CONFIG, config);
	if (answer.verdict == PLATFORM_GONE)
		return job_run_finish(run, answer.why);
	if (answer.verdict != PLATFORM_DONE)
		return retry_or_give_up(run, &answer);
	return job_run_conclude(
		run, job_result_pushed(&run->claim, run->resource->version),
		OUTCOME_OK);
}

/* ---- check ---- */

static bool has_listed_value(const struct json *list, const struct json *var)
{
	for (list = json_first(list); list; list = json_next(list)) {
		const char *name = json_text(json_member(list, "name"));
		const char *value = json_text(json_member(list, "value"));

		if (name && value && strcmp(name, json_name(var)) == 0)
			return strcmp(value, json_text(var)) == 0;
	}
	return false;
}

/* Return whether the marketplace's list has the values of config, and no other
 * declared name. */
static bool is_config_in_force(const struct job_run *run,
			       const struct json *config,
			       const struct json *list)
{
	const struct json *entry;

	for (entry = json_first(config); entry; entry = json_next(entry))
		if (!has_listed_value(list, entry))
			return false;
	entry = json_first(run->addon->config_vars);
	for (; entry; entry = json_next(entry))
		if (json_text(entry) && !json_member(config, json_text(entry))
		    && is_config_listed(list, json_text(entry)))
			return false;
	return true;
}

bool is_config_at_marketplace(struct job_run *run)
{
	struct platform_response list;
	struct resource_secrets secrets;

	if (!open_config_vars(run, &secrets))
		return false;
	list = call_marketplace(run, PLATFORM_READ_CONFIG, NULL);
	return list.verdict == PLATFORM_DONE
		&& is_config_in_force(run, secrets.config, list.body);
}

/* The marketplace did not respond to a push, and may have applied it after a
 * later one. */
enum outcome config_job_check(struct job_run *run)
{
	struct platform_response list;
	struct resource_secrets secrets;

	if (!open_config_vars(run, &secrets))
		return retry_marketplace(run, 0, "its config cannot be opened");
	list = call_marketplace(run, PLATFORM_READ_CONFIG, NULL);
	if (list.verdict == PLATFORM_LATER)
		return retry_or_give_up(run, &list);
	/* The check is a precaution: nobody waits for it. */
	if (list.verdict != PLATFORM_DONE)
		return job_run_finish(run, list.why);
	if (is_config_in_force(run, secrets.config, list.body))
		return job_run_finish(run, NULL);
	return job_run_conclude(run, job_result_config_differs(&run->claim),
				OUTCOME_OK);
}
