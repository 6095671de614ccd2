/*
 * resources_deprovision.c - provisor resources deprovision: end one, as its
 * marketplace would.
 */
#include "cgi/cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "cgi/cli/target.h"
#include "lib/base/clock.h"
#include "lib/db/db.h"
#include "lib/text/json.h"
#include "lib/provider/provider.h"

static const char *member(const struct json *resource, const char *name)
{
	return json_text(json_member(resource, name));
}

static bool is_gone(const struct json *resource)
{
	const char *state = member(resource, "state");

	return strcmp(state, "deprovisioning") == 0
		|| strcmp(state, "deprovisioned") == 0;
}

static bool remove_one(const struct ctl *ctl, struct provider *provider,
		       const struct json *resource)
{
	struct provider_call call = {
		.arena = ctl->arena,
		.addon = ctl_resources_addon(provider->addons,
					     member(resource, "marketplace"),
					     member(resource, "addon")),
		.actor = ctl_resources_operator(ctl->arena),
		.deadline = clock_now() + ctl->config.answer_limit,
	};
	enum outcome outcome;

	if (!call.addon)
		return false;
	outcome = provider_remove(provider, &call, member(resource, "id"));
	if (outcome != OUTCOME_OK && outcome != OUTCOME_GONE) {
		ctl_fail("%s is not deprovisioned; the log line above says "
			 "why",
			 member(resource, "id"));
		return false;
	}
	printf("deprovisioned: %s\n", member(resource, "id"));
	return true;
}

static int deprovision(const struct ctl *ctl, const struct json *resource)
{
	struct provider provider;
	bool is_done;

	if (!provider_open(&provider, &ctl->config))
		return CTL_FAILED;
	is_done = remove_one(ctl, &provider, resource);
	provider_close(&provider);
	return is_done ? CTL_OK : CTL_FAILED;
}

int ctl_resources_deprovision(const struct ctl *ctl)
{
	struct db *db = db_open(ctl->config.database);
	const struct json *found = ctl_resources_one(ctl, db);

	db_close(db);
	if (!found)
		return CTL_FAILED;
	if (is_gone(found)) {
		printf("already deprovisioned: %s\n", member(found, "id"));
		return CTL_OK;
	}
	if (ctl_option(ctl, "--yes"))
		return deprovision(ctl, found);
	ctl_resources_print(ctl, found);
	puts("would be deprovisioned for good: its config, grant, URLs and "
	     "tokens are erased.\nThe marketplace is not told, and bills it "
	     "until it deprovisions it too.\nWith --yes it is done.");
	return CTL_USAGE;
}
