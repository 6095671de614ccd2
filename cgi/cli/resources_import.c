/*
 * resources_import.c - provisor resources import: takes in what lived
 * elsewhere.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/resources.h"
#include "cgi/cli/target.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/findings.h"
#include "lib/import/import.h"

struct import {
	const struct cli *cli;
	struct provider *provider;
	const struct addon *addon;
	const char *path;
	struct arena *arena; /* of one row */
	int counts[IMPORT_CONFLICTS + 1];
};

/* ---- telling ---- */

/* What is new needs no line of its own. */
static void tell_row(const struct import *i, const struct import_row *row,
		     const struct import_comparison *comparison)
{
	if (comparison->result == IMPORT_CONFLICTS)
		cli_fail("%s: line %d: %s: not as resource %s has it, which "
			 "can never change: correct it, or remove the line",
			 i->path, row->line, comparison->members,
			 comparison->id);
	else if (comparison->result == IMPORT_DIFFERS
		 && !cli_has(i->cli, OPTION_UPDATE))
		cli_fail("%s: line %d: %s: not as resource %s has it: with "
			 "--update it is changed",
			 i->path, row->line, comparison->members,
			 comparison->id);
}

static void tell_all(const struct import *i)
{
	const char *would = cli_has(i->cli, OPTION_DRY_RUN) ? "would be " : "";
	const char *differ = cli_has(i->cli, OPTION_UPDATE)
		? arena_printf(i->cli->arena, "%supdated", would)
		: "differ, and are left";

	printf("%d %simported, %d %s, %d there already\n",
	       i->counts[IMPORT_NEW], would, i->counts[IMPORT_DIFFERS], differ,
	       i->counts[IMPORT_EQUAL]);
}

/* ---- all rows ---- */

typedef enum outcome row_fn(struct import *i, struct provider_call *call,
			    const struct import_row *row,
			    struct import_comparison *comparison);

static enum outcome check(struct import *i, struct provider_call *call,
			  const struct import_row *row,
			  struct import_comparison *comparison)
{
	enum outcome outcome =
		import_compare(i->provider, call, row, comparison);

	if (outcome == OUTCOME_OK)
		tell_row(i, row, comparison);
	return outcome;
}

static enum outcome take_in(struct import *i, struct provider_call *call,
			    const struct import_row *row,
			    struct import_comparison *comparison)
{
	enum outcome outcome =
		import_apply(i->provider, call, row,
			     cli_has(i->cli, OPTION_UPDATE), comparison);

	/* It was not so when it was checked. */
	if (outcome == OUTCOME_OK && comparison->result == IMPORT_CONFLICTS)
		tell_row(i, row, comparison);
	return outcome;
}

/* False, and said, when it came to a stop. */
static bool for_all(struct import *i, const struct import_rows *rows,
		    row_fn *act)
{
	memset(i->counts, 0, sizeof i->counts);
	for (int row = 0; row < rows->count; row++) {
		struct provider_call call = {
			.arena = i->arena,
			.addon = i->addon,
			.actor = cli_operator(i->arena),
			.deadline = clock_now() + i->cli->settings.answer_limit,
		};
		struct import_comparison comparison;
		enum outcome outcome =
			act(i, &call, &rows->list[row], &comparison);

		arena_reset(i->arena);
		if (outcome != OUTCOME_OK) {
			cli_fail("%s: line %d: stopped there; the log line "
				 "above says why, and again goes on from there",
				 i->path, rows->list[row].line);
			return false;
		}
		i->counts[comparison.result]++;
	}
	return true;
}

static bool has_refused(const struct import *i)
{
	if (i->counts[IMPORT_CONFLICTS] == 0)
		return false;
	cli_fail("%s: nothing was imported", i->path);
	return true;
}

static int import(struct import *i, const struct import_rows *rows)
{
	bool is_done = for_all(i, rows, check) && !has_refused(i);

	if (is_done && !cli_has(i->cli, OPTION_DRY_RUN))
		is_done = for_all(i, rows, take_in);
	if (is_done)
		tell_all(i);
	return is_done && i->counts[IMPORT_CONFLICTS] == 0
			&& (i->counts[IMPORT_DIFFERS] == 0
			    || cli_has(i->cli, OPTION_UPDATE))
		? CLI_OK
		: CLI_FAILED;
}

/* ---- the file ---- */

static int with_file(struct import *i, enum import_format format)
{
	const struct cli *cli = i->cli;
	struct findings findings = { .arena = cli->arena };
	struct import_rows rows;

	i->addon = target_addon(i->provider->addons,
				cli_option(cli, OPTION_MARKETPLACE),
				cli_option(cli, OPTION_ADDON));
	if (!i->addon)
		return CLI_FAILED;
	import_file_read(cli->arena, i->path, format, i->addon, &rows,
			 &findings);
	cli_print_findings(&findings);
	if (findings.errors > 0)
		return cli_fail("%s: nothing was imported", i->path);
	return import(i, &rows);
}

int cli_resources_import(const struct cli *cli)
{
	struct provider provider;
	struct import i = {
		.cli = cli,
		.provider = &provider,
		.path = cli->words[0],
	};
	enum import_format format;
	int status;

	if (!resources_read_format(cli, i.path, &format))
		return CLI_USAGE;
	if (!provider_open(&provider, &cli->settings))
		return CLI_FAILED;
	i.arena = arena_create();
	status = with_file(&i, format);
	arena_destroy(i.arena);
	provider_close(&provider);
	return status;
}
