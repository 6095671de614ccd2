/*
 * hook_test.c - provisor hook test: calls an add-on's hook or library for a
 * resource that no customer has, and explains the answer.
 */
#include "cgi/cli/commands.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/hook_consequence.h"
#include "cgi/cli/pairs.h"
#include "lib/addon/addon.h"
#include "lib/addon/home.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/findings.h"
#include "lib/base/utf8.h"
#include "lib/listener/answer_rules.h"
#include "lib/listener/hook_call.h"
#include "lib/listener/listener.h"
#include "lib/platform/platform.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"

enum { LABEL_WIDTH = 12 };

static const char *const verdict_names[] = {
	[LISTENER_DONE] = "done",
	[LISTENER_REFUSED] = "refused",
	[LISTENER_PENDING] = "pending",
	[LISTENER_FAILED] = "failed",
	[LISTENER_FAILED_FOR_GOOD] = "failed for good",
};

struct test {
	const struct cli *cli;
	struct arena *arena;
	struct addon *addon;
	struct resource resource;
	struct resource from; /* of restore and move */
	struct listener_call call;
	int seconds;
	bool reveals;
};

/* ---- the home ---- */

/* The parent folder of a home has the name of the marketplace. */
static bool open_home(struct test *test, const char *word)
{
	struct findings findings = { .arena = test->arena };
	char *home = realpath(word, NULL);
	const char *marketplace;

	if (!home) {
		cli_fail("%s: there is no such folder: write the home of an "
			 "add-on",
			 word);
		return false;
	}
	marketplace = basename(dirname(arena_strdup(test->arena, home)));
	test->addon = home_open(home, marketplace, &findings);
	free(home);
	if (findings.errors == 0 && test->addon->listener == ADDON_TEMPLATE)
		finding_error(&findings,
			      "%s: has template.json, which runs no code, so "
			      "there is nothing to test",
			      test->addon->home);
	else if (findings.errors == 0)
		listener_open(test->addon, &findings);
	cli_print_findings(&findings);
	return findings.errors == 0;
}

/* ---- the call ---- */

static const struct json *sample_user(struct arena *arena)
{
	struct json *user = json_object(arena);

	json_put_text(user, "id", "01234567-0123-4567-89ab-0123456789ab");
	json_put_text(user, "email", "customer@example.com");
	json_put_text(user, "app", "sample");
	return user;
}

/* A made-up token. */
static struct listener_platform sample_platform(const struct cli *cli,
						const struct addon *addon)
{
	enum { EIGHT_HOURS = 8 * 3600 };

	return (struct listener_platform){
		.url = platform_api_of(
			       &(struct platform_config){
				       .api_url = cli->settings.platform_url,
			       },
			       addon)
			       .url,
		.access_token = "HRKU-01234567-89ab-cdef-0123-456789abcdef",
		.expires_at = clock_wall() / 1000 + EIGHT_HOURS,
	};
}

/* Return the time limit of the action in the pools or provisor-jobs, in
 * seconds. The time that a request waits in a queue counts, too. */
static int limit_in_production(const struct cli *cli,
			       enum listener_action action)
{
	const struct settings *settings = &cli->settings;
	int64_t limit = settings->job_limit;

	if (action == LISTENER_SIGN_ON)
		limit = LISTENER_SIGN_ON_LIMIT;
	else if (action == LISTENER_PROVISION || action == LISTENER_CHANGE_PLAN)
		limit = settings->answer_limit * LISTENER_ANSWER_SHARE / 100;
	return limit < 1000 ? 1 : (int)(limit / 1000);
}

/* Add the members that only some actions have. */
static void add_to_call(struct test *test)
{
	struct listener_call *call = &test->call;

	if (call->action == LISTENER_CHANGE_PLAN)
		call->old_plan = cli_option(test->cli, OPTION_FROM);
	if (call->action == LISTENER_RESTORE || call->action == LISTENER_MOVE)
		call->from = &test->from;
	if (call->action == LISTENER_ROTATE)
		call->overlap = cli_seconds(test->cli, OPTION_OVERLAP);
	if (call->action == LISTENER_SIGN_ON) {
		call->user = sample_user(test->arena);
		call->user_is_signed = true;
	}
	test->seconds = (int)cli_number(test->cli, OPTION_SECONDS);
	if (test->seconds == 0)
		test->seconds = limit_in_production(test->cli, call->action);
}

/* Set the ids of a resource from an option: a UUID, the vendor's own id with a
 * random UUID, or a random UUID without the option.  Return false after
 * printing that it is not an id. */
static bool read_test_ids(const struct test *test, enum option_id option,
			  const char *name, struct resource *resource)
{
	const char *id = cli_option(test->cli, option);
	char *uuid = arena_alloc(test->arena, UUID_LENGTH + 1);

	uuid_random(uuid);
	resource->id = resource->provider_id = uuid;
	if (!id || uuid_read(id, uuid))
		return true;
	if (answer_rules_id(id)) {
		cli_fail("option %s: %s %s", name, id, answer_rules_id(id));
		return false;
	}
	resource->provider_id = id;
	return true;
}

static bool read_test_resource(struct test *test)
{
	const struct json *options =
		cli_pairs(test->cli, OPTION_OPTION, "--option");

	test->resource.region = cli_option(test->cli, OPTION_REGION);
	test->call.options = test->call.options_from = options;
	test->from = test->resource;
	test->from.plan = cli_option(test->cli, OPTION_PLAN);
	return options
		&& read_test_ids(test, OPTION_ID, "--id", &test->resource)
		&& read_test_ids(test, OPTION_OLD, "--old", &test->from);
}

/* Return the state of the resource when the action is called. */
static enum resource_state state_at(enum listener_action action)
{
	switch (action) {
	case LISTENER_PROVISION:
		return RESOURCE_PROVISIONING;
	case LISTENER_SUSPEND:
	case LISTENER_RESUME:
		return RESOURCE_SUSPENDED;
	case LISTENER_MOVE: /* into a new resource */
		return RESOURCE_PROVISIONING;
	default:
		return RESOURCE_PROVISIONED;
	}
}

static bool read_call(struct test *test)
{
	const char *action = test->cli->words[1];
	struct listener_call *call = &test->call;

	if (!listener_action_named(action, &call->action)) {
		cli_fail("\"%s\": write %s", action,
			 listener_list_actions(test->arena, "or"));
		return false;
	}
	call->stored.config = cli_pairs(test->cli, OPTION_CONFIG, "--config");
	call->parameters = cli_pairs(test->cli, OPTION_FIELD, "--field");
	if (!call->stored.config || !call->parameters
	    || !read_test_resource(test))
		return false;
	call->stored_from = call->stored;
	call->resource = &test->resource;
	test->resource.state = state_at(call->action);
	call->key =
		arena_printf(test->arena, "%s:%s", action, test->resource.id);
	call->attempt = 1;
	call->plan = cli_option(test->cli, OPTION_PLAN);
	add_to_call(test);
	return true;
}

/* ---- printing ---- */

static void print_text(const struct test *test, const char *label,
		       const char *text)
{
	if (text)
		printf("%-*s %s\n", LABEL_WIDTH, label,
		       utf8_for_terminal(test->arena, text));
}

static const struct json *mask_texts(const struct test *test,
				     const struct json *texts)
{
	struct json *masked = json_object(test->arena);

	if (test->reveals)
		return texts;
	for (texts = json_first(texts); texts; texts = json_next(texts))
		json_put_text(masked, json_name(texts), "(hidden)");
	return masked;
}

static void print_input(const struct test *test)
{
	struct listener_call call = test->call;

	call.stored.config = mask_texts(test, call.stored.config);
	call.stored_from.config = call.stored.config;
	print_text(test, "input",
		   json_print(test->arena,
			      hook_call_write(test->arena, &call, test->seconds,
					      clock_wall() / 1000
						      + test->seconds)));
	fflush(stdout); /* print this before the log lines */
}

static void print_texts(const struct test *test, const char *label,
			const struct json *texts)
{
	if (!texts)
		return;
	if (json_count(texts) == 0)
		print_text(test, label, "none");
	texts = mask_texts(test, texts);
	for (texts = json_first(texts); texts; texts = json_next(texts))
		print_text(test, label,
			   arena_printf(test->arena, "%s=%s", json_name(texts),
					json_text(texts)));
}

/* Print which config vars of the manifest are missing.  This is allowed, but
 * probably a mistake. */
static void print_missing(const struct test *test, const struct json *config)
{
	const struct json *name = json_first(test->addon->config_vars);

	for (; name; name = json_next(name))
		if (!json_member(config, json_text(name)))
			print_text(test, "missing",
				   arena_printf(test->arena,
						"config var %s, which the "
						"manifest declares",
						json_text(name)));
}

static void print_answer(const struct test *test,
			 const struct listener_answer *answer)
{
	print_text(test, "verdict", verdict_names[answer->verdict]);
	print_text(test, "id", answer->id);
	print_texts(test, "config", answer->stored.config);
	if (test->call.action == LISTENER_PROVISION
	    && answer->verdict == LISTENER_DONE)
		print_missing(test, answer->stored.config);
	print_text(test, "message", answer->message);
	print_text(test, "log drain",
		   answer->log_drain_url && !test->reveals
			   ? "(hidden)"
			   : answer->log_drain_url);
	print_text(test, "redirect", answer->redirect);
	print_texts(test, "session", answer->session);
	if (answer->retry_after > 0)
		print_text(
			test, "retry after",
			arena_printf(test->arena, "%d s", answer->retry_after));
	print_text(test, "reason", answer->why);
	if (answer->may_still_run)
		print_text(test, "processes",
			   "some still run, and are being killed");
	print_text(test, "then",
		   arena_printf(test->arena, "provisor would %s",
				hook_consequence(test->arena, test->addon,
						 test->call.action, answer)));
}

/* ---- the test ---- */

static const char *sample_marketplace(const struct addon *addon)
{
	return addon->dialect->is_direct ? "another" : "direct";
}

/* A moved resource comes from another marketplace, a kept one from its own. */
static void describe_from(struct test *test)
{
	const struct addon *addon = test->addon;
	bool is_moved = test->call.action == LISTENER_MOVE;

	test->from.addon = addon->id;
	test->from.marketplace = is_moved ? sample_marketplace(addon)
					  : addon->dialect->marketplace;
	test->from.state = is_moved ? RESOURCE_MOVED : RESOURCE_KEPT;
}

static int run_test(struct test *test)
{
	int64_t began = clock_now();
	struct listener_answer answer;

	test->call.addon = test->addon;
	describe_from(test);
	if (test->addon->gives_platform
	    && test->call.action != LISTENER_DEPROVISION)
		test->call.platform =
			sample_platform(test->cli, test->call.addon);
	test->call.deadline = began + test->seconds * 1000L;
	test->call.wait_until = test->call.deadline;
	if (test->call.action != LISTENER_SIGN_ON)
		test->call.wait_until += LISTENER_GRACE + LISTENER_GRACE;
	print_input(test);
	answer = listener_ask_opened(test->arena, &test->call);
	if (answer.ended)
		print_text(test, "ended",
			   arena_printf(test->arena, "%s, after %d ms",
					answer.ended,
					(int)(clock_now() - began)));
	print_answer(test, &answer);
	return answer.verdict == LISTENER_DONE ? CLI_OK : CLI_FAILED;
}

int cli_hook_test(const struct cli *cli)
{
	struct test test = {
		.cli = cli,
		.arena = cli->arena,
		.reveals = cli_has(cli, OPTION_REVEAL),
	};
	int status = CLI_FAILED;

	if (!read_call(&test))
		return CLI_USAGE;
	if (open_home(&test, cli->words[0]))
		status = run_test(&test);
	if (test.addon)
		home_close(test.addon);
	return status;
}
