/*
 * ask.c - platform.h as a program, for platform*.t.
 *
 *	ask API-URL TOKEN-URL [CA-FILE]
 *
 * Each line of standard input is a call, its words apart by tabs, the first
 * being the milliseconds it has; each is answered by a line of JSON.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/clock.h"
#include "lib/text/json.h"
#include "lib/platform/platform.h"

enum { MOST_WORDS = 64, MOST_DESCRIPTORS = 256 };

struct line {
	struct platform *platform;
	struct arena *arena;
	int64_t deadline;
	char *words[MOST_WORDS]; /* behind the milliseconds and the name */
	int count;
	struct json *told;
};

static void tell_number(struct line *line, const char *name, int64_t number)
{
	json_put_text(line->told, name,
		      arena_printf(line->arena, "%lld", (long long)number));
}

static void tell(struct line *line, struct platform_answer answer)
{
	static const char *const verdicts[] = {
		[PLATFORM_DONE] = "done",
		[PLATFORM_UNAUTHORIZED] = "unauthorized",
		[PLATFORM_FORBIDDEN] = "forbidden",
		[PLATFORM_GONE] = "gone",
		[PLATFORM_REFUSED] = "refused",
		[PLATFORM_LATER] = "later",
	};

	json_put_text(line->told, "verdict", verdicts[answer.verdict]);
	json_put_text(line->told, "why", answer.why);
	tell_number(line, "status", answer.status);
	tell_number(line, "retry_after", answer.retry_after);
	tell_number(line, "remaining", answer.remaining);
	if (answer.body)
		json_put(line->told, "body", answer.body);
}

static void tell_tokens(struct line *line, struct platform_answer answer,
			const struct platform_tokens *tokens)
{
	tell(line, answer);
	json_put_text(line->told, "access", tokens->access);
	json_put_text(line->told, "refresh", tokens->refresh);
	tell_number(line, "expires_in", tokens->expires_in);
}

static void exchange(struct line *line)
{
	struct platform_tokens tokens = { 0 };

	tell_tokens(line,
		    platform_exchange(line->platform, line->arena,
				      line->words[0], line->words[1],
				      line->deadline, &tokens),
		    &tokens);
}

static void refresh(struct line *line)
{
	struct platform_tokens tokens = { 0 };

	tell_tokens(line,
		    platform_refresh(line->platform, line->arena,
				     line->words[0], line->words[1],
				     line->deadline, &tokens),
		    &tokens);
}

static void ask(struct line *line, enum platform_call call)
{
	const char *config = line->count > 2 ? line->words[2] : "{}";
	const char *why;

	tell(line,
	     platform_ask(line->platform, line->arena,
			  &(struct platform_question){
				  .call = call,
				  .uuid = line->words[0],
				  .token = line->words[1],
				  .config = json_parse(line->arena, config,
						       strlen(config), &why),
				  .deadline = line->deadline,
			  }));
}

static void ask_read(struct line *line)
{
	ask(line, PLATFORM_READ);
}

static void ask_read_config(struct line *line)
{
	ask(line, PLATFORM_READ_CONFIG);
}

static void ask_write_config(struct line *line)
{
	ask(line, PLATFORM_WRITE_CONFIG);
}

static void ask_provisioned(struct line *line)
{
	ask(line, PLATFORM_PROVISIONED);
}

static void ask_deprovisioned(struct line *line)
{
	ask(line, PLATFORM_DEPROVISIONED);
}

static void write_log(struct line *line)
{
	tell(line,
	     platform_log(line->platform, line->arena, line->words[0],
			  line->words[1], line->words[2],
			  (const char *const *)line->words + 3, line->count - 3,
			  line->deadline));
}

/* How many descriptors are open, and how many would outlive an exec. */
static void count_descriptors(struct line *line)
{
	int open = 0, inherited = 0;

	for (int i = STDERR_FILENO + 1; i < MOST_DESCRIPTORS; i++) {
		int flags = fcntl(i, F_GETFD);

		open += flags >= 0;
		inherited += flags >= 0 && !(flags & FD_CLOEXEC);
	}
	tell_number(line, "open", open);
	tell_number(line, "inherited", inherited);
}

static const struct {
	const char *name;
	void (*run)(struct line *line);
} commands[] = {
	{ "exchange", exchange },
	{ "refresh", refresh },
	{ "read", ask_read },
	{ "read-config", ask_read_config },
	{ "write-config", ask_write_config },
	{ "provisioned", ask_provisioned },
	{ "deprovisioned", ask_deprovisioned },
	{ "log", write_log },
	{ "descriptors", count_descriptors },
};

static void run(struct line *line, const char *name)
{
	for (size_t i = 0; i < COUNT(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			commands[i].run(line);
	puts(json_print(line->arena, line->told));
	fflush(stdout);
}

static void read_line(struct line *line, char *text)
{
	char *rest = text;
	const char *milliseconds = strsep(&rest, "\t");
	const char *name = strsep(&rest, "\t");

	line->told = json_object(line->arena);
	line->deadline = clock_now() + atoi(milliseconds);
	for (line->count = 0; rest && line->count < MOST_WORDS; line->count++)
		line->words[line->count] = strsep(&rest, "\t");
	run(line, name ? name : "");
}

int main(int argc, char **argv)
{
	struct line line = { .arena = arena_create() };
	char *text = NULL;
	size_t size = 0;

	if (argc < 3)
		return 2;
	line.platform = platform_open(&(struct platform_config){
		argv[1], argv[2], argc > 3 ? argv[3] : NULL });
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
