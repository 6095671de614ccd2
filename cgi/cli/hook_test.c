/*
 * hook_test.c - provisor hook test: calls an add-on's hook or library for a
 * resource that no customer has, and explains the answer.
 */
#include "cgi/cli/commands.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/hook_consequence.h"
#include "cgi/cli/pools.h"
#include "lib/addon/addon.h"
#include "lib/addon/home.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/file_watch.h"
#include "lib/base/findings.h"
#include "lib/listener/code_owner.h"
#include "lib/listener/hook_protocol.h"
#include "lib/listener/listener.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"

enum { LABEL_WIDTH = 12 };

/* The time limits of the pools and of provisor-jobs with default settings, in
 * seconds. */
static const int default_seconds[LISTENER_ACTIONS] = {
	[LISTENER_PROVISION] = 18,   [LISTENER_CHANGE_PLAN] = 18,
	[LISTENER_DEPROVISION] = 60, [LISTENER_SIGN_ON] = 3,
	[LISTENER_ROTATE] = 60,
};

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
	struct listener_call call;
	int seconds;
	bool reveals;
};

/* ---- the home ---- */

/* Root must not create files that the pools' user cannot change, nor run code
 * that the pools' user can change. */
static void run_as_pools(const struct cli *cli)
{
	struct findings ignored = { .arena = cli->arena };
	struct settings settings;

	if (geteuid() != 0)
		return;
	cli_read_settings(cli, &settings, &ignored);
	code_owner_set(pools_user(&settings));
}

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
	test->addon = home_open(home, marketplace,
				file_watch_create(test->arena), &findings);
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

/* Read the NAME=VALUE of a repeatable option as an object.  Return NULL after
 * printing which one is wrong. */
static const struct json *read_pairs(const struct test *test, enum option_id id,
				     const char *option)
{
	struct json *pairs = json_object(test->arena);
	const char *pair;

	for (int i = 0; (pair = cli_option_at(test->cli, id, i)); i++) {
		const char *sign = strchr(pair, '=');
		const char *name = sign ? arena_strndup(test->arena, pair,
							(size_t)(sign - pair))
					: "";

		if (!*name || json_member(pairs, name)) {
			cli_fail("option %s %s: write NAME=VALUE, and each "
				 "NAME once",
				 option, pair);
			return NULL;
		}
		json_put_text(pairs, name, sign + 1);
	}
	return pairs;
}

static const struct json *sample_user(struct arena *arena)
{
	struct json *user = json_object(arena);

	json_put_text(user, "id", "01234567-0123-4567-89ab-0123456789ab");
	json_put_text(user, "email", "customer@example.com");
	json_put_text(user, "app", "sample");
	return user;
}

/* Add the members that only some actions have. */
static void add_to_call(struct test *test)
{
	struct listener_call *call = &test->call;

	if (call->action == LISTENER_CHANGE_PLAN)
		call->old_plan = cli_option(test->cli, OPTION_FROM);
	if (call->action == LISTENER_ROTATE)
		call->overlap = LISTENER_OVERLAP;
	if (call->action == LISTENER_SIGN_ON)
		call->user = sample_user(test->arena);
	test->seconds = (int)cli_number(test->cli, OPTION_SECONDS);
	if (test->seconds == 0)
		test->seconds = default_seconds[call->action];
}

static bool read_test_resource(struct test *test)
{
	const char *id = cli_option(test->cli, OPTION_ID);
	const struct json *options =
		read_pairs(test, OPTION_OPTION, "--option");
	char *uuid = arena_alloc(test->arena, UUID_LENGTH + 1);

	if (!options)
		return false;
	uuid_random(uuid);
	if (id && !uuid_read(id, uuid)) {
		cli_fail("option --id: %s is not a UUID", id);
		return false;
	}
	test->resource.id = test->resource.provider_id = uuid;
	test->resource.region = cli_option(test->cli, OPTION_REGION);
	test->resource.options = json_print(test->arena, options);
	return true;
}

static bool read_call(struct test *test)
{
	const char *action = test->cli->words[1];
	struct listener_call *call = &test->call;

	if (!listener_action_named(action, &call->action)) {
		cli_fail("\"%s\": write provision, change-plan, deprovision, "
			 "sign-on or rotate",
			 action);
		return false;
	}
	call->stored.config = read_pairs(test, OPTION_CONFIG, "--config");
	if (!call->stored.config || !read_test_resource(test))
		return false;
	call->resource = &test->resource;
	call->key =
		arena_printf(test->arena, "%s:%s", action, test->resource.id);
	call->attempt = 1;
	call->plan = cli_option(test->cli, OPTION_PLAN);
	add_to_call(test);
	return true;
}

/* ---- printing ---- */

static void print_text(const char *label, const char *text)
{
	if (text)
		printf("%-*s %s\n", LABEL_WIDTH, label, text);
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
	print_text("input",
		   json_print(test->arena,
			      hook_protocol_write(test->arena, &call,
						  test->seconds)));
	fflush(stdout); /* print this before the log lines */
}

static void print_texts(const struct test *test, const char *label,
			const struct json *texts)
{
	if (!texts)
		return;
	if (json_count(texts) == 0)
		print_text(label, "none");
	texts = mask_texts(test, texts);
	for (texts = json_first(texts); texts; texts = json_next(texts))
		print_text(label,
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
			print_text("missing",
				   arena_printf(test->arena,
						"config var %s, which the "
						"manifest declares",
						json_text(name)));
}

static void print_answer(const struct test *test,
			 const struct listener_answer *answer)
{
	print_text("verdict", verdict_names[answer->verdict]);
	print_texts(test, "config", answer->stored.config);
	if (test->call.action == LISTENER_PROVISION
	    && answer->verdict == LISTENER_DONE)
		print_missing(test, answer->stored.config);
	print_text("message", answer->message);
	print_text("log drain",
		   answer->log_drain_url && !test->reveals
			   ? "(hidden)"
			   : answer->log_drain_url);
	print_text("redirect", answer->redirect);
	print_texts(test, "session", answer->session);
	if (answer->retry_after > 0)
		print_text(
			"retry after",
			arena_printf(test->arena, "%d s", answer->retry_after));
	print_text("reason", answer->why);
	if (answer->may_still_run)
		print_text("processes", "some still run, and are being killed");
	print_text("then",
		   arena_printf(test->arena, "provisor would %s",
				hook_consequence(test->arena, test->addon,
						 test->call.action, answer)));
}

/* ---- the test ---- */

static int run_test(struct test *test)
{
	int64_t began = clock_now();
	struct listener_answer answer;

	test->call.addon = test->addon;
	test->call.deadline = began + test->seconds * 1000L;
	test->call.wait_until =
		test->call.deadline + LISTENER_GRACE + LISTENER_GRACE;
	print_input(test);
	answer = listener_ask_opened(test->arena, &test->call);
	if (answer.ended)
		print_text("ended",
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
	run_as_pools(cli);
	if (open_home(&test, cli->words[0]))
		status = run_test(&test);
	if (test.addon)
		home_close(test.addon);
	return status;
}
