/*
 * manifest_exchange.c - provisor manifest diff, push and pull: the vendor's
 * file and what the marketplace has.
 */
#include "cgi/cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/manifest_file.h"
#include "cgi/cli/manifest_remote.h"
#include "cgi/cli/manifest_view.h"
#include "cgi/cli/question.h"
#include "cgi/cli/wrap.h"
#include "lib/addon/manifest_lint.h"
#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/dialect/dialect.h"
#include "lib/text/json.h"

/* A command, its file, and what the marketplace has. */
struct exchange {
	const struct cli *cli;
	struct manifest_file file;
	const char *slug;
	struct manifest_api api;
	struct manifest_reply remote;
};

#define AT_HEROKU "at Heroku"
#define IN_FILE "in the file"

/* ---- reading both sides ---- */

static int read_file(struct exchange *e)
{
	int status = manifest_file_read(e->cli, &e->file);

	return status == CLI_OK
		? manifest_remote_slug(e->cli, &e->file, &e->slug)
		: status;
}

static int read_remote(struct exchange *e)
{
	int status = manifest_remote_open(e->cli, &e->api);

	if (status == CLI_OK)
		e->remote = manifest_api_read(&e->api, e->cli->arena, e->slug,
					      NULL);
	return status;
}

static bool is_different(const struct line_diff *diff)
{
	return diff->removed > 0 || diff->added > 0;
}

/* Compare what Heroku has with the file. */
static struct line_diff compare_file(const struct exchange *e)
{
	return manifest_compare(
		e->cli->arena,
		&(struct manifest_side){ e->remote.value, AT_HEROKU },
		&(struct manifest_side){ e->file.document, IN_FILE });
}

/* Compare the file with what Heroku has. */
static struct line_diff compare_remote(const struct exchange *e)
{
	return manifest_compare(
		e->cli->arena,
		&(struct manifest_side){ e->file.document, IN_FILE },
		&(struct manifest_side){ e->remote.value, AT_HEROKU });
}

static void print_changes(const char *before, const char *after,
			  const struct line_diff *diff)
{
	printf("--- %s\n+++ %s\n%s", before, after, diff->text);
}

/* ---- diff ---- */

static int show_difference(const struct exchange *e)
{
	const struct line_diff diff = compare_file(e);

	if (!is_different(&diff)) {
		printf("%s: is the manifest that Heroku has\n", e->file.path);
		return CLI_OK;
	}
	print_changes(AT_HEROKU, e->file.path, &diff);
	return CLI_FAILED;
}

static int run_diff(struct exchange *e)
{
	int status = read_file(e);

	if (status == CLI_OK)
		status = read_remote(e);
	if (status != CLI_OK)
		return status;
	return e->remote.failure ? manifest_remote_fail(e->slug, &e->remote)
				 : show_difference(e);
}

/* ---- the file takes what Heroku has ---- */

static int take_remote(const struct exchange *e)
{
	int status = manifest_file_replace(e->cli, &e->file, e->remote.value);

	if (status == CLI_OK)
		printf("%s: is now the manifest that Heroku has\n",
		       e->file.path);
	return status;
}

/* ---- pull ---- */

static bool is_pull_confirmed(const struct exchange *e,
			      const struct line_diff *diff)
{
	if (!manifest_loses(diff) || cli_has(e->cli, OPTION_YES)
	    || question_is_confirmed(
		    "The lines with - are not at Heroku and are lost.  Replace "
		    "the file?"))
		return true;
	cli_refuse("%s: stays as it is: add --yes", e->file.path);
	return false;
}

static int pull_over_file(const struct exchange *e)
{
	const struct line_diff diff = compare_remote(e);

	if (!is_different(&diff)) {
		printf("%s: is the manifest that Heroku has\n", e->file.path);
		return CLI_OK;
	}
	print_changes(e->file.path, AT_HEROKU, &diff);
	return is_pull_confirmed(e, &diff) ? take_remote(e) : CLI_USAGE;
}

static int run_pull(struct exchange *e)
{
	int status = read_file(e);

	if (status == CLI_OK)
		status = manifest_file_check_place(e->cli, &e->file);
	if (status == CLI_OK)
		status = read_remote(e);
	if (status != CLI_OK)
		return status;
	if (e->remote.failure)
		return manifest_remote_fail(e->slug, &e->remote);
	return e->file.document ? pull_over_file(e) : take_remote(e);
}

/* ---- push ---- */

static int lint_file(const struct exchange *e)
{
	struct findings findings = { .arena = e->cli->arena };

	manifest_lint(e->cli->arena, e->file.path,
		      manifest_remote_dialect()->marketplace, &findings);
	cli_print_findings(&findings);
	return findings.errors == 0
		? CLI_OK
		: cli_fail("nothing is pushed: correct %s first", e->file.path);
}

static bool has_other_secret(const struct exchange *e, const char *name)
{
	const char *api = manifest_remote_dialect()->manifest->api;
	const char *old =
		json_text(json_member(json_member(e->remote.value, api), name));
	const char *new = json_text(
		json_member(json_member(e->file.document, api), name));

	return old && new &&strcmp(old, new) != 0;
}

static void warn_of_secrets(const struct exchange *e)
{
	if (has_other_secret(e, "password") || has_other_secret(e, "sso_salt"))
		wrap_text(0,
			  "Heroku uses a changed password or salt at once.  "
			  "Each host must accept the new one already, and the "
			  "old one for a while: provisor-operate(7), SECRETS.");
}

static bool is_push_confirmed(const struct exchange *e,
			      const struct line_diff *diff)
{
	if (e->remote.is_missing) {
		printf("%s\n", manifest_view(e->cli->arena, e->file.document));
		wrap_text(
			0,
			arena_printf(e->cli->arena,
				     "Heroku shows this account no add-on %s: "
				     "a push creates it, and its slug cannot "
				     "change afterwards.",
				     e->slug));
	} else {
		print_changes(AT_HEROKU, e->file.path, diff);
		warn_of_secrets(e);
	}
	if (cli_has(e->cli, OPTION_YES)
	    || question_is_confirmed("Push this manifest?"))
		return true;
	cli_refuse("nothing is pushed: add --yes");
	return false;
}

/* $base arrives with the manifest that Heroku has from now on. */
static int take_pushed(struct exchange *e)
{
	e->remote = manifest_api_read(&e->api, e->cli->arena, e->slug, NULL);
	if (e->remote.failure) {
		manifest_remote_fail(e->slug, &e->remote);
		return cli_fail("%s: is pushed, but lacks what Heroku has "
				"added: provisor manifest pull gets it",
				e->file.path);
	}
	return take_remote(e);
}

static int push_file(struct exchange *e)
{
	const struct manifest_reply pushed = manifest_api_push(
		&e->api, e->cli->arena, e->slug, e->file.text);

	if (!pushed.failure) {
		printf("%s: is pushed\n", e->slug);
		return take_pushed(e);
	}
	manifest_remote_fail(e->slug, &pushed);
	if (pushed.is_unknown)
		cli_fail("the push may have had an effect: provisor manifest "
			 "diff shows it");
	return CLI_FAILED;
}

static int push_if_different(struct exchange *e)
{
	struct line_diff diff = { .text = "" };

	if (e->remote.failure && !e->remote.is_missing)
		return manifest_remote_fail(e->slug, &e->remote);
	if (!e->remote.is_missing)
		diff = compare_file(e);
	if (!e->remote.is_missing && !is_different(&diff)) {
		printf("%s: is the manifest that Heroku has\n", e->file.path);
		return CLI_OK;
	}
	return is_push_confirmed(e, &diff) ? push_file(e) : CLI_USAGE;
}

static int run_push(struct exchange *e)
{
	int status = read_file(e);

	if (status == CLI_OK)
		status = lint_file(e);
	if (status == CLI_OK)
		status = manifest_file_check_place(e->cli, &e->file);
	if (status == CLI_OK)
		status = read_remote(e);
	return status == CLI_OK ? push_if_different(e) : status;
}

/* ---- the commands ---- */

static int run_exchange(const struct cli *cli, int (*run)(struct exchange *))
{
	struct exchange e = { .cli = cli };
	int status = run(&e);

	manifest_remote_close(&e.api);
	return status;
}

int cli_manifest_diff(const struct cli *cli)
{
	return run_exchange(cli, run_diff);
}

int cli_manifest_pull(const struct cli *cli)
{
	return run_exchange(cli, run_pull);
}

int cli_manifest_push(const struct cli *cli)
{
	return run_exchange(cli, run_push);
}
