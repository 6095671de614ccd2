/*
 * resources_import.c - provisor resources import: takes in what lived
 * elsewhere.
 */
#include "cgi/cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "cgi/cli/target.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/findings.h"
#include "lib/import/import.h"

struct import {
	const struct ctl *ctl;
	struct provider *provider;
	const struct addon *addon;
	const char *path;
	struct arena *arena; /* of one row */
	int counts[IMPORT_REFUSED + 1];
};

/* ---- telling ---- */

/* What is new needs no line of its own. */
static void tell_row(const struct import *i, const struct resource_row *row,
		     const struct import_judgement *judgement)
{
	if (judgement->verdict == IMPORT_REFUSED)
		ctl_fail("%s: line %d: %s: not as resource %s has it, which "
			 "can never change: correct it, or remove the line",
			 i->path, row->line, judgement->members, judgement->id);
	else if (judgement->verdict == IMPORT_DIFFERS
		 && !ctl_option(i->ctl, "--update"))
		ctl_fail("%s: line %d: %s: not as resource %s has it: with "
			 "--update it is changed",
			 i->path, row->line, judgement->members, judgement->id);
}

static void tell_all(const struct import *i)
{
	const char *would = ctl_option(i->ctl, "--dry-run") ? "would be " : "";
	const char *differ = ctl_option(i->ctl, "--update")
		? arena_printf(i->ctl->arena, "%supdated", would)
		: "differ, and are left";

	printf("%d %simported, %d %s, %d there already\n",
	       i->counts[IMPORT_NEW], would, i->counts[IMPORT_DIFFERS], differ,
	       i->counts[IMPORT_SAME]);
}

/* ---- all rows ---- */

typedef enum outcome row_fn(struct import *i, struct provider_call *call,
			    const struct resource_row *row,
			    struct import_judgement *judgement);

static enum outcome check(struct import *i, struct provider_call *call,
			  const struct resource_row *row,
			  struct import_judgement *judgement)
{
	enum outcome outcome =
		provider_import_judge(i->provider, call, row, judgement);

	if (outcome == OUTCOME_OK)
		tell_row(i, row, judgement);
	return outcome;
}

static enum outcome take_in(struct import *i, struct provider_call *call,
			    const struct resource_row *row,
			    struct import_judgement *judgement)
{
	enum outcome outcome =
		provider_import(i->provider, call, row,
				ctl_option(i->ctl, "--update"), judgement);

	/* It was not so when it was checked. */
	if (outcome == OUTCOME_OK && judgement->verdict == IMPORT_REFUSED)
		tell_row(i, row, judgement);
	return outcome;
}

/* False, and said, when it came to a stop. */
static bool for_all(struct import *i, const struct resource_rows *rows,
		    row_fn *act)
{
	memset(i->counts, 0, sizeof i->counts);
	for (int row = 0; row < rows->count; row++) {
		struct provider_call call = {
			.arena = i->arena,
			.addon = i->addon,
			.actor = ctl_resources_operator(i->arena),
			.deadline = clock_now() + i->ctl->config.answer_limit,
		};
		struct import_judgement judgement;
		enum outcome outcome =
			act(i, &call, &rows->list[row], &judgement);

		arena_reset(i->arena);
		if (outcome != OUTCOME_OK) {
			ctl_fail("%s: line %d: stopped there; the log line "
				 "above says why, and again goes on from there",
				 i->path, rows->list[row].line);
			return false;
		}
		i->counts[judgement.verdict]++;
	}
	return true;
}

static bool has_refused(const struct import *i)
{
	if (i->counts[IMPORT_REFUSED] == 0)
		return false;
	ctl_fail("%s: nothing was imported", i->path);
	return true;
}

static int import(struct import *i, const struct resource_rows *rows)
{
	bool is_done = for_all(i, rows, check) && !has_refused(i);

	if (is_done && !ctl_option(i->ctl, "--dry-run"))
		is_done = for_all(i, rows, take_in);
	if (is_done)
		tell_all(i);
	return is_done && i->counts[IMPORT_REFUSED] == 0
			&& (i->counts[IMPORT_DIFFERS] == 0
			    || ctl_option(i->ctl, "--update"))
		? CTL_OK
		: CTL_FAILED;
}

/* ---- the file ---- */

static int with_file(struct import *i, enum resource_format format)
{
	const struct ctl *ctl = i->ctl;
	struct findings findings = { .arena = ctl->arena };
	struct resource_rows rows;

	i->addon = ctl_resources_addon(i->provider->addons,
				       ctl_option(ctl, "--marketplace"),
				       ctl_option(ctl, "--addon"));
	if (!i->addon)
		return CTL_FAILED;
	resource_file_read(ctl->arena, i->path, format, i->addon, &rows,
			   &findings);
	ctl_tell(&findings);
	if (findings.errors > 0)
		return ctl_fail("%s: nothing was imported", i->path);
	return import(i, &rows);
}

int ctl_import(const struct ctl *ctl)
{
	struct provider provider;
	struct import i = {
		.ctl = ctl,
		.provider = &provider,
		.path = ctl->words[0],
	};
	enum resource_format format;
	int status;

	if (!ctl_option(ctl, "--marketplace") || !ctl_option(ctl, "--addon")) {
		ctl_fail("--marketplace and --addon must say whose resources "
			 "they are");
		return CTL_USAGE;
	}
	if (!ctl_resources_read_format(ctl, i.path, &format))
		return CTL_USAGE;
	if (!provider_open(&provider, &ctl->config))
		return CTL_FAILED;
	i.arena = arena_create();
	status = with_file(&i, format);
	arena_destroy(i.arena);
	provider_close(&provider);
	return status;
}
