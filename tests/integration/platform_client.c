/*
 * platform_client.c - a program that makes calls through platform.h, for
 * platform*.t.
 *
 *	platform_client API-URL TOKEN-URL [CA-FILE [MARKETPLACE]]
 *
 * Each line of standard input is a call: its time limit in milliseconds, its
 * name and its arguments, separated by tabs.  For each it prints a line of JSON
 * with the result.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/clock.h"
#include "lib/dialect/dialect.h"
#include "lib/platform/platform.h"
#include "lib/text/json.h"

enum { MOST_WORDS = 64, MOST_DESCRIPTORS = 256 };

struct line {
	struct platform *platform;
	struct platform_api api;
	struct arena *arena;
	int64_t deadline;
	char *words[MOST_WORDS]; /* those after the milliseconds and the name */
	int count;
	struct json *report;
};

static void put_number(struct line *line, const char *name, int64_t number)
{
	json_put_text(line->report, name,
		      arena_printf(line->arena, "%lld", (long long)number));
}

static void put_answer(struct line *line, struct platform_response answer)
{
	static const char *const verdicts[] = {
		[PLATFORM_DONE] = "done",
		[PLATFORM_UNAUTHORIZED] = "unauthorized",
		[PLATFORM_FORBIDDEN] = "forbidden",
		[PLATFORM_GONE] = "gone",
		[PLATFORM_REFUSED] = "refused",
		[PLATFORM_LATER] = "later",
	};

	json_put_text(line->report, "verdict", verdicts[answer.verdict]);
	json_put_text(line->report, "why", answer.why);
	put_number(line, "status", answer.status);
	put_number(line, "retry_after", answer.retry_after);
	put_number(line, "remaining", answer.remaining);
	if (answer.body)
		json_put(line->report, "body", answer.body);
}

static void put_tokens(struct line *line, struct platform_response answer,
		       const struct platform_tokens *tokens)
{
	put_answer(line, answer);
	json_put_text(line->report, "access", tokens->access);
	json_put_text(line->report, "refresh", tokens->refresh);
	put_number(line, "expires_in", tokens->expires_in);
}

static const struct platform_api *use_secret(struct line *line,
					     const char *secret)
{
	line->api.secret = secret;
	return &line->api;
}

static void exchange(struct line *line)
{
	struct platform_tokens tokens = { 0 };

	put_tokens(line,
		   platform_exchange(line->platform, line->arena,
				     use_secret(line, line->words[1]),
				     line->words[0], line->deadline, &tokens),
		   &tokens);
}

static void refresh(struct line *line)
{
	struct platform_tokens tokens = { 0 };

	put_tokens(line,
		   platform_refresh(line->platform, line->arena,
				    use_secret(line, line->words[1]),
				    line->words[0], line->deadline, &tokens),
		   &tokens);
}

static void call_api(struct line *line, enum platform_call call)
{
	const char *config = line->count > 2 ? line->words[2] : "{}";
	const char *why;

	put_answer(
		line,
		platform_ask(line->platform, line->arena, &line->api,
			     &(struct platform_request){
				     .call = call,
				     .id = line->words[0],
				     .token = line->words[1],
				     .config = json_parse(line->arena, config,
							  strlen(config), &why),
				     .deadline = line->deadline,
			     }));
}

static void read_addon(struct line *line)
{
	call_api(line, PLATFORM_READ);
}

static void read_config(struct line *line)
{
	call_api(line, PLATFORM_READ_CONFIG);
}

static void write_config(struct line *line)
{
	call_api(line, PLATFORM_WRITE_CONFIG);
}

static void report_provisioned(struct line *line)
{
	call_api(line, PLATFORM_PROVISIONED);
}

static void report_deprovisioned(struct line *line)
{
	call_api(line, PLATFORM_DEPROVISIONED);
}

static void write_log(struct line *line)
{
	put_answer(line,
		   platform_log(line->platform, line->arena, line->words[0],
				line->words[1], line->words[2],
				(const char *const *)line->words + 3,
				line->count - 3, line->deadline));
}

/* The descriptors that are open, and those that an exec would not close. */
static void count_descriptors(struct line *line)
{
	int open = 0, inherited = 0;

	for (int i = STDERR_FILENO + 1; i < MOST_DESCRIPTORS; i++) {
		int flags = fcntl(i, F_GETFD);

		open += flags >= 0;
		inherited += flags >= 0 && !(flags & FD_CLOEXEC);
	}
	put_number(line, "open", open);
	put_number(line, "inherited", inherited);
}

static const struct {
	const char *name;
	void (*run)(struct line *line);
} commands[] = {
	{ "exchange", exchange },
	{ "refresh", refresh },
	{ "read", read_addon },
	{ "read-config", read_config },
	{ "write-config", write_config },
	{ "provisioned", report_provisioned },
	{ "deprovisioned", report_deprovisioned },
	{ "log", write_log },
	{ "descriptors", count_descriptors },
};

static void run(struct line *line, const char *name)
{
	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			commands[i].run(line);
	puts(json_print(line->arena, line->report));
	fflush(stdout);
}

static void read_line(struct line *line, char *text)
{
	char *rest = text;
	const char *milliseconds = strsep(&rest, "\t");
	const char *name = strsep(&rest, "\t");

	line->report = json_object(line->arena);
	line->deadline = clock_now() + atoi(milliseconds);
	for (line->count = 0; rest && line->count < MOST_WORDS; line->count++)
		line->words[line->count] = strsep(&rest, "\t");
	run(line, name ? name : "");
}

/* Without a marketplace, it is version 3 of Heroku's. */
static struct platform_api open_api(char *argv[])
{
	const char *marketplace = argv[3] && argv[4] ? argv[4] : "heroku";
	const struct dialect *dialect =
		dialect_find(marketplace, argv[3] && argv[4] ? NULL : "3");

	return (struct platform_api){
		.form = dialect->api,
		.url = argv[1],
		.token_url = argv[2],
		.user = "fast-db",
		.password = "sesame-of-fast-db",
	};
}

int main(int argc, char **argv)
{
	struct line line = { .arena = arena_create() };
	char *text = NULL;
	size_t size = 0;

	if (argc < 3 || argc > 5)
		return 2;
	line.platform = platform_open(&(struct platform_config){
		.ca_file = argc > 3 ? argv[3] : NULL });
	line.api = open_api(argv);
	while (getline(&text, &size, stdin) > 0) {
		text[strcspn(text, "\n")] = '\0';
		read_line(&line, text);
		arena_reset(line.arena);
	}
	free(text);
	platform_close(line.platform);
	arena_destroy(line.arena);
	return 0;
}
