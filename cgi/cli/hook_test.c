/*
 * hook_test.c - provisor hook test: asks an add-on's own code about a resource
 * that nobody has, and explains what it answers.
 */
#include "cgi/cli/commands.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pools.h"
#include "lib/addon/addon.h"
#include "lib/addon/home.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/dialect/dialect.h"
#include "lib/base/findings.h"
#include "lib/listener/code_owner.h"
#include "lib/listener/hook_protocol.h"
#include "lib/listener/listener.h"
#include "lib/text/json.h"
#include "lib/text/uuid.h"
#include "lib/base/file_watch.h"

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

/* As root we would make files that the pools' user cannot touch, and run what
 * may be the pools' user's to change. */
static void run_as_pools(const struct cli *cli)
{
	struct findings unheard = { .arena = cli->arena };
	struct settings config;

	if (geteuid() != 0)
		return;
	cli_read_settings(cli, &config, &unheard);
	code_owner_set(pools_user(&config));
}

/* A home is a folder …/MARKETPLACE/NAME. */
static bool open_home(struct test *test, const char *word)
{
	struct findings findings = { .arena = test->arena };
	char *home = realpath(word, NULL);
	const char *marketplace;

	if (!home) {
		cli_fail("%s: there is no such folder", word);
		return false;
	}
	marketplace = basename(dirname(arena_strdup(test->arena, home)));
	test->addon = home_open(home, marketplace,
				file_watch_create(test->arena), &findings);
	free(home);
	if (findings.errors == 0 && test->addon->listener == ADDON_TEMPLATE)
		finding_error(&findings,
			      "%s: has template.json, which runs no code: "
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
			cli_fail("%s %s: write NAME=VALUE, and each NAME once",
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

static bool read_call(struct test *test)
{
	const struct cli *cli = test->cli;
	struct resource *resource = &test->resource;
	struct listener_call *call = &test->call;
	const struct json *options;
	char *uuid = arena_alloc(test->arena, UUID_LENGTH + 1);

	uuid_random(uuid);
	if (!listener_action_named(cli->words[1], &call->action))
		cli_fail("\"%s\": write provision, change-plan, deprovision, "
			 "sign-on or rotate",
			 cli->words[1]);
	else if (cli_option(cli, OPTION_ID)
		 && !uuid_read(cli_option(cli, OPTION_ID), uuid))
		cli_fail("--id %s: write a UUID", cli_option(cli, OPTION_ID));
	else if ((options = read_pairs(test, OPTION_OPTION, "--option"))) {
		resource->options = json_print(test->arena, options);
		call->stored.config =
			read_pairs(test, OPTION_CONFIG, "--config");
	}
	resource->id = resource->provider_id = uuid;
	resource->region = cli_option(cli, OPTION_REGION);
	call->resource = resource;
	call->key = arena_printf(test->arena, "%s:%s", cli->words[1], uuid);
	call->attempt = 1;
	call->plan = cli_option(cli, OPTION_PLAN);
	if (call->action == LISTENER_CHANGE_PLAN)
		call->old_plan = cli_option(cli, OPTION_FROM);
	if (call->action == LISTENER_ROTATE)
		call->overlap = LISTENER_OVERLAP;
	if (call->action == LISTENER_SIGN_ON)
		call->user = sample_user(test->arena);
	return call->stored.config;
}

/* ---- telling ---- */

static const struct json *mask(const struct test *test,
			       const struct json *texts)
{
	struct json *masked = json_object(test->arena);

	if (test->reveals)
		return texts;
	for (texts = json_first(texts); texts; texts = json_next(texts))
		json_put_text(masked, json_name(texts), "(hidden)");
	return masked;
}

static void tell_question(const struct test *test)
{
	struct listener_call call = test->call;

	call.stored.config = mask(test, call.stored.config);
	printf("%-12s %s\n", "asked",
	       json_print(
		       test->arena,
		       hook_protocol_write(test->arena, &call, test->seconds)));
}

static void tell_texts(const struct test *test, const char *label,
		       const struct json *texts)
{
	if (!texts)
		return;
	if (json_count(texts) == 0)
		printf("%-12s none\n", label);
	texts = mask(test, texts);
	for (texts = json_first(texts); texts; texts = json_next(texts))
		printf("%-12s %s=%s\n", label, json_name(texts),
		       json_text(texts));
}

static void tell_text(const char *label, const char *text)
{
	if (text)
		printf("%-12s %s\n", label, text);
}

/* Declared and never handed out is allowed, and probably forgotten. */
static void tell_lacking(const struct test *test, const struct json *config)
{
	const struct json *name = json_first(test->addon->config_vars);

	for (; name; name = json_next(name))
		if (!json_member(config, json_text(name)))
			printf("%-12s config %s, though the manifest declares "
			       "it\n",
			       "lacks", json_text(name));
}

static void tell_result(const struct test *test,
			const struct listener_answer *answer)
{
	tell_texts(test, "config", answer->stored.config);
	if (test->call.action == LISTENER_PROVISION
	    && answer->verdict == LISTENER_DONE)
		tell_lacking(test, answer->stored.config);
	tell_text("message", answer->message);
	tell_text("log drain",
		  answer->log_drain_url && !test->reveals
			  ? "(hidden)"
			  : answer->log_drain_url);
	tell_text("redirect", answer->redirect);
	tell_texts(test, "session", answer->session);
	tell_text("why", answer->why);
	if (answer->may_still_run)
		tell_text("left behind", "processes, which are being ended");
}

enum { VERDICTS = LISTENER_FAILED_FOR_GOOD + 1 };

/* What provisor does after an answer to a call that is not a test. */
static const char *const consequences[LISTENER_ACTIONS][VERDICTS] = {
	[LISTENER_PROVISION] = {
		[LISTENER_DONE] = "store the config vars and answer the "
				  "marketplace with them",
		[LISTENER_REFUSED] = "answer 422 with the message, also to "
				     "each repeated request",
		[LISTENER_FAILED_FOR_GOOD] = "answer 422, and call deprovision "
					     "to clean up",
	},
	[LISTENER_CHANGE_PLAN] = {
		[LISTENER_DONE] = "store the new plan and answer the "
				  "marketplace with all config vars",
		[LISTENER_REFUSED] = "answer 422 with the message, and leave "
				     "the plan as it is",
		[LISTENER_FAILED_FOR_GOOD] = "answer 422, and leave the plan "
					     "as it is",
	},
	[LISTENER_DEPROVISION] = {
		[LISTENER_DONE] = "erase its config vars and keep a tombstone",
		[LISTENER_REFUSED] = "leave it to an operator: a deprovision "
				     "cannot be refused",
		[LISTENER_FAILED_FOR_GOOD] = "leave it to an operator",
	},
	[LISTENER_SIGN_ON] = {
		[LISTENER_DONE] = "let the customer in",
		[LISTENER_REFUSED] = "answer 403 and a page with the message",
		[LISTENER_PENDING] = "answer 503, and not repeat the call",
		[LISTENER_FAILED] = "answer 503, and not repeat the call",
		[LISTENER_FAILED_FOR_GOOD] = "answer 503, and not repeat the "
					     "call",
	},
	[LISTENER_ROTATE] = {
		[LISTENER_DONE] = "store the config vars and push them to the "
				  "marketplace",
		[LISTENER_REFUSED] = "leave the config vars as they are",
		[LISTENER_FAILED_FOR_GOOD] = "leave the config vars as they "
					     "are",
	},
};

static const char *find_consequence(const struct test *test,
				    const struct listener_answer *answer)
{
	const char *consequence =
		consequences[test->call.action][answer->verdict];

	if (consequence)
		return consequence;
	if (answer->verdict == LISTENER_FAILED)
		return "repeat the call, at growing intervals";
	if (answer->retry_after == 0)
		return "repeat the call after a while";
	return arena_printf(test->arena, "repeat the call in %d s",
			    answer->retry_after);
}

static int ask(struct test *test)
{
	static const char *const verdicts[] = {
		[LISTENER_DONE] = "done",
		[LISTENER_REFUSED] = "refused",
		[LISTENER_PENDING] = "pending",
		[LISTENER_FAILED] = "failed",
		[LISTENER_FAILED_FOR_GOOD] = "failed for good",
	};
	int64_t began = clock_now();
	struct listener_answer answer;

	test->call.addon = test->addon;
	test->call.deadline = began + test->seconds * 1000L;
	test->call.wait_until = test->call.deadline + 2 * LISTENER_GRACE;
	tell_question(test);
	fflush(stdout);
	answer = listener_ask_opened(test->arena, &test->call);
	if (answer.ended)
		printf("%-12s %s, after %d ms\n", "ended", answer.ended,
		       (int)(clock_now() - began));
	tell_text("verdict", verdicts[answer.verdict]);
	tell_result(test, &answer);
	printf("%-12s provisor would %s\n", "so",
	       find_consequence(test, &answer));
	return answer.verdict == LISTENER_DONE ? CLI_OK : CLI_FAILED;
}

int cli_hook_test(const struct cli *cli)
{
	struct test test = {
		.cli = cli,
		.arena = cli->arena,
		.seconds = (int)cli_number(cli, OPTION_SECONDS),
		.reveals = cli_has(cli, OPTION_REVEAL),
	};
	int status = CLI_FAILED;

	if (!read_call(&test))
		return CLI_USAGE;
	run_as_pools(cli);
	if (open_home(&test, cli->words[0]))
		status = ask(&test);
	if (test.addon)
		home_close(test.addon);
	return status;
}
