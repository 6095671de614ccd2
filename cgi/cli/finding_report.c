#include "cgi/cli/finding_report.h"

#include <stdio.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/base/utf8.h"
#include "lib/text/json.h"

static const struct {
	const char *name;
	const char *colour;
} verdicts[] = {
	[FINDING_OK] = { "ok", "\033[32m" },
	[FINDING_WARNING] = { "warning", "\033[33m" },
	[FINDING_ERROR] = { "error", "\033[31m" },
};

static void print_finding_object(struct arena *arena,
				 const struct finding *finding)
{
	struct json *object = json_object(arena);
	const char *colon = strstr(finding->text, ": ");
	size_t length = colon ? (size_t)(colon - finding->text) : 0;

	json_put_text(object, "verdict", verdicts[finding->verdict].name);
	json_put_text(object, "place",
		      arena_strndup(arena, finding->text, length));
	json_put_text(object, "field", finding->field);
	json_put_text(object, "text", colon ? colon + 2 : finding->text);
	puts(json_print_for_terminal(arena, object));
}

static void print_finding_line(struct arena *arena,
			       const struct finding *finding, bool has_colours)
{
	printf("%s%-8s%s %s\n",
	       has_colours ? verdicts[finding->verdict].colour : "",
	       verdicts[finding->verdict].name, has_colours ? "\033[0m" : "",
	       utf8_for_terminal(arena, finding->text));
}

void finding_report(const struct cli *cli, const struct findings *findings)
{
	bool is_json = cli_has(cli, OPTION_JSON);

	for (const struct finding *f = findings->first; f; f = f->next) {
		if (is_json)
			print_finding_object(cli->arena, f);
		else
			print_finding_line(cli->arena, f, cli->has_colours);
	}
}
