/*
 * resources_import.c - provisor resources import.
 *
 * The file is read three times: it is checked as a whole, then compared with
 * the resources, before the first resource is imported.
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
	struct import_file *file;
	struct findings findings;
	struct arena *arena; /* of one row */
	int counts[IMPORT_CONFLICTS + 1];
};

/* ---- results ---- */

static void print_difference(const struct import *i,
			     const struct import_row *row,
			     const struct import_comparison *comparison)
{
	const char *remedy = comparison->result == IMPORT_CONFLICTS
		? "this can never change: correct or remove the line"
		: "add --update to change the resource";

	cli_fail("%s: line %d: %s: resource %s differs: %s", i->path, row->line,
		 comparison->members, comparison->id, remedy);
}

static void print_import_counts(const struct import *i)
{
	const char *would = cli_has(i->cli, OPTION_DRY_RUN) ? "would be " : "";
	const char *differing = cli_has(i->cli, OPTION_UPDATE)
		? arena_printf(i->cli->arena, "%supdated", would)
		: "differ and stay unchanged";

	printf("%d %simported, %d %s, %d exist already\n",
	       i->counts[IMPORT_NEW], would, i->counts[IMPORT_DIFFERS],
	       differing, i->counts[IMPORT_EQUAL]);
}

/* ---- all rows ---- */

static enum outcome check_import_row(struct import *i,
				     struct provider_call *call,
				     const struct import_row *row,
				     struct import_comparison *comparison)
{
	enum outcome outcome =
		import_compare(i->provider, call, row, comparison);

	if (outcome == OUTCOME_OK
	    && (comparison->result == IMPORT_CONFLICTS
		|| (comparison->result == IMPORT_DIFFERS
		    && !cli_has(i->cli, OPTION_UPDATE))))
		print_difference(i, row, comparison);
	return outcome;
}

static enum outcome import_one_row(struct import *i, struct provider_call *call,
				   const struct import_row *row,
				   struct import_comparison *comparison)
{
	enum outcome outcome =
		import_apply(i->provider, call, row,
			     cli_has(i->cli, OPTION_UPDATE), comparison);

	/* The resource may have changed since it was checked. */
	if (outcome == OUTCOME_OK && comparison->result == IMPORT_CONFLICTS)
		print_difference(i, row, comparison);
	return outcome;
}

/* What is done with a row. */
typedef enum outcome import_act(struct import *i, struct provider_call *call,
				const struct import_row *row,
				struct import_comparison *result);

/* Return false after printing why it has failed. */
static bool act_on_row(struct import *i, const struct import_row *row,
		       import_act *act)
{
	struct provider_call call = {
		.arena = i->arena,
		.addon = i->addon,
		.actor = cli_operator(i->arena),
		.deadline = clock_now() + i->cli->settings.answer_limit,
	};
	struct import_comparison comparison;
	enum outcome outcome = act(i, &call, row, &comparison);

	arena_reset(i->arena);
	if (outcome == OUTCOME_OK) {
		i->counts[comparison.result]++;
		return true;
	}
	cli_fail("%s: line %d: stopped here; the log line above has the "
		 "reason; run it again to continue",
		 i->path, row->line);
	return false;
}

/* Call act for each row.  Return false after printing the line at which it
 * failed. */
static bool for_all_rows(struct import *i, import_act *act)
{
	const struct import_row *row;

	memset(i->counts, 0, sizeof i->counts);
	import_file_rewind(i->file);
	while ((row = import_file_next(i->file)))
		if (!act_on_row(i, row, act))
			return false;
	if (i->findings.errors == 0)
		return true;
	cli_print_findings(&i->findings);
	cli_fail("%s: stopped here, because the file has changed meanwhile; "
		 "run it again to continue",
		 i->path);
	return false;
}

static int import_rows(struct import *i)
{
	if (!for_all_rows(i, check_import_row))
		return CLI_FAILED;
	if (i->counts[IMPORT_CONFLICTS] > 0)
		return cli_fail("%s: nothing is imported", i->path);
	if (!cli_has(i->cli, OPTION_DRY_RUN)
	    && !for_all_rows(i, import_one_row))
		return CLI_FAILED;
	print_import_counts(i);
	return i->counts[IMPORT_CONFLICTS] > 0
			|| (i->counts[IMPORT_DIFFERS] > 0
			    && !cli_has(i->cli, OPTION_UPDATE))
		? CLI_FAILED
		: CLI_OK;
}

/* ---- the file ---- */

static int import_file(struct import *i, enum import_format format)
{
	const struct cli *cli = i->cli;

	i->addon = target_addon(i->provider->addons,
				cli_option(cli, OPTION_MARKETPLACE),
				cli_option(cli, OPTION_ADDON));
	if (!i->addon)
		return CLI_FAILED;
	i->file = import_file_open(cli->arena, i->path, format, i->addon,
				   &i->findings);
	cli_print_findings(&i->findings);
	if (!i->file)
		return cli_fail("%s: nothing is imported", i->path);
	return import_rows(i);
}

int cli_resources_import(const struct cli *cli)
{
	struct provider provider;
	struct import i = {
		.cli = cli,
		.provider = &provider,
		.path = cli->words[0],
		.findings = { .arena = cli->arena },
	};
	enum import_format format;
	int status;

	if (!resources_read_format(cli, i.path, &format))
		return CLI_USAGE;
	if (!provider_open(&provider, &cli->settings))
		return CLI_FAILED;
	i.arena = arena_create();
	status = import_file(&i, format);
	arena_destroy(i.arena);
	provider_close(&provider);
	return status;
}
