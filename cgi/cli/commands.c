/*
 * commands.c - the commands there are, and the options that each takes.
 */
#include "cgi/cli/commands.h"

#include <string.h>

#include "cgi/cli/cli.h"
#include "lib/base/arena.h"

/* clang-format off */
static const struct command_option
	addon          = { "--addon", "SLUG", "only of this add-on" },
	dry_run        = { "--dry-run", NULL, "only list what is due" },
	json           = { "--json", NULL, "an object a line, for programs" },
	all            = { "--all", NULL, "those that are done as well" },
	gave_up        = { "--gave-up", NULL, "only those that gave up" },
	kind           = { "--kind", "KIND", "only of this kind, such as deprovision" },
	resource       = { "--resource", "ID", "only of the resources that have this id" },
	config         = { "--config", "NAME=VALUE", "a config var so far; once for each" },
	format         = { "--format", "FORMAT", "jsonl, or csv; as FILE ends if nothing is said" },
	from           = { "--from", "PLAN", "to have had, for change-plan" },
	hook_plan      = { "--plan", "PLAN", "to have; \"test\" if nothing is said" },
	hook_reveal    = { "--reveal", NULL, "values of config vars too" },
	id             = { "--id", "UUID", "of the resource; random if nothing is said" },
	listener       = { "--listener", "KIND", "template, or exec (hooks), or so (a library)" },
	overlap        = { "--overlap", "DURATION", "that the old ones stay good; 2h if nothing is said" },
	option         = { "--option", "NAME=VALUE", "given by the customer; once for each" },
	region         = { "--region", "REGION", "to be in" },
	seconds        = { "--seconds", "N", "that it has; 18 if nothing is said" },
	import_dry_run = { "--dry-run", NULL, "only check, and say what would be done" },
	to_addon       = { "--addon", "SLUG", "that they are of; to be given" },
	to_marketplace = { "--marketplace", "NAME", "that they are of; to be given" },
	limit          = { "--limit", "N", "the newest N; 100 if nothing is said" },
	marketplace    = { "--marketplace", "NAME", "only of this marketplace" },
	most           = { "--most", "N", "that it may remove; 10 if nothing is said" },
	of_addon       = { "--addon", "SLUG", "where an id is not enough" },
	of_marketplace = { "--marketplace", "NAME", "where an id is not enough" },
	ops            = { "--ops", "SOCKET", "nginx's socket for operators" },
	plan           = { "--plan", "PLAN", "only on this plan" },
	repair         = { "--repair", NULL, "mend what can be mended, with an event each" },
	reveal         = { "--reveal", NULL, "values of config vars too; writes an event" },
	since          = { "--since", "DURATION", "only those made within it, such as 48h" },
	staging        = { "--staging", NULL, "a second one, SLUG-staging" },
	state          = { "--state", "STATE", "only in this state, such as provisioned" },
	unset          = { "--unset", "NAME", "take one away; once for each" },
	updates        = { "--update", NULL, "have what is there and differs be as FILE tells" },
	url            = { "--url", "https://HOST", "where the marketplace will find it" },
	yes            = { "--yes", NULL, "do it; without this it is only told" };

const struct command commands[] = {
	{ .name = "migrate",
	  .run = cli_migrate, .needs_settings = true,
	  .meaning = "bring the database up to date",
	  .options = { &dry_run } },
	{ .name = "reload",
	  .run = cli_reload, .needs_settings = true,
	  .meaning = "replace the workers of this host one by one, losing no request",
	  .details =
		"Each worker ends after the request in hand, and its pool starts another,\n"
		"which is the program that is installed by then.  So do processes of\n"
		"provisor-jobs, after the job in hand." },
	{ .name = "check",
	  .run = cli_check,
	  .meaning = "look for what is wrong with this host, and say what helps",
	  .details =
		"Looks at settings, keys, add-ons, database, pools and nginx, and ends with 1 when\n"
		"there is an error.  Run it as root or as the pools' user.",
	  .options = { &json, &ops } },
	{ .name = "resources list",
	  .run = cli_resources_list, .needs_settings = true,
	  .meaning = "what customers have, newest first",
	  .options = { &marketplace, &addon, &state, &plan, &since, &limit, &json } },
	{ .name = "resources find", .words = "TEXT", .fewest = 1, .most = 1,
	  .run = cli_resources_find, .needs_settings = true,
	  .meaning = "those with TEXT in an id, name, owner or log drain token",
	  .details = "Upper and lower case are the same.",
	  .options = { &marketplace, &addon, &state, &plan, &since, &limit, &json } },
	{ .name = "resources show", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_resources_show, .needs_settings = true,
	  .meaning = "all that is kept of one; of config vars the names",
	  .details = "ID is ours, the marketplace's, or the one that was answered to it.",
	  .options = { &of_marketplace, &of_addon, &reveal, &json } },
	{ .name = "resources history", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_resources_history, .needs_settings = true,
	  .meaning = "what happened to one, and who did it",
	  .options = { &of_marketplace, &of_addon, &limit, &json } },
	{ .name = "resources deprovision", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_resources_deprovision, .needs_settings = true,
	  .meaning = "end one as the marketplace would, for good",
	  .details = "The marketplace is not told.",
	  .options = { &of_marketplace, &of_addon, &yes } },
	{ .name = "resources export", .words = "[FILE]", .fewest = 0, .most = 1,
	  .run = cli_resources_export, .needs_settings = true,
	  .meaning = "write what customers have, for another system or for import",
	  .details =
		"A line each, JSON or CSV, to a new FILE or to standard output: those that are\n"
		"provisioned or deprovisioned.  Config vars only with --reveal.",
	  .options = { &format, &marketplace, &addon, &state, &plan, &since, &reveal } },
	{ .name = "resources import", .words = "FILE", .fewest = 1, .most = 1,
	  .run = cli_resources_import, .needs_settings = true,
	  .meaning = "take in resources that live in another system, under their own ids",
	  .details =
		"FILE is as resources export writes it; all of it is checked before the first is\n"
		"written, with an event each.  What is there and equal is left, and what is there\n"
		"and differs is told, and left too but for --update.  No listener is asked.\n"
		"Ends with 1 when something differs.",
	  .options = { &to_marketplace, &to_addon, &format, &import_dry_run, &updates } },
	{ .name = "reconcile",
	  .run = cli_reconcile, .needs_settings = true,
	  .meaning = "compare resources with what their marketplace tells of them",
	  .details =
		"Asks with the token of each; what cannot be asked for is told as unasked, and\n"
		"what a token sees beside its resource and is not known here as lost.\n"
		"With --repair: what is gone there is deprovisioned here, as many as --most\n"
		"allows; a plan is changed here to the one there; what is lost is imported with\n"
		"the config it has there; config and completion are sent by provisor-jobs.\n"
		"Ends with 1 when something differs that was not mended.",
	  .options = { &marketplace, &addon, &repair, &most, &json } },
	{ .name = "jobs list",
	  .run = cli_jobs_list, .needs_settings = true,
	  .meaning = "what is left to do for resources, newest first",
	  .details =
		"States: running, until the time that is shown at the latest; due; waiting for its\n"
		"time, or for the marketplace's repeat; behind an earlier one of its resource;\n"
		"gave-up, which only you can mend; done.",
	  .options = { &kind, &resource, &gave_up, &all, &limit, &json } },
	{ .name = "jobs show", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_jobs_show, .needs_settings = true,
	  .meaning = "all that is told of one",
	  .options = { &json } },
	{ .name = "jobs retry", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_jobs_retry, .needs_settings = true,
	  .meaning = "have one be due now, if it gave up too",
	  .details = "Writes an event." },
	{ .name = "jobs cancel", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_jobs_cancel, .needs_settings = true,
	  .meaning = "have nobody do one any more",
	  .details =
		"Says what that means for the resource; with --yes does it, and writes an event.\n"
		"Not while somebody is at it.",
	  .options = { &yes } },
	{ .name = "sessions end", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_sessions_end, .needs_settings = true,
	  .meaning = "sign all browsers out that are signed in to a resource",
	  .details = "They can sign in again from the marketplace's dashboard.",
	  .options = { &of_marketplace, &of_addon } },
	{ .name = "config set", .words = "ID [NAME[=VALUE]]...", .fewest = 1, .most = 101,
	  .run = cli_config_set, .needs_settings = true,
	  .meaning = "give a resource other config vars, and tell the marketplace",
	  .details =
		"NAME=VALUE   this value; nothing behind = is an empty one\n"
		"NAME=@FILE   what FILE holds, without the line break at its end\n"
		"NAME         a line of standard input for each, in their order\n"
		"\n"
		"While a command runs, all users of the host can read its arguments, and shells\n"
		"write them down: give a secret by file or standard input.  Each name must be in the\n"
		"manifest's api.config_vars.  What is not named stays.  All of it stays until a plan\n"
		"change or rotation answers other config vars.",
	  .options = { &unset, &of_marketplace, &of_addon } },
	{ .name = "config rotate", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_config_rotate, .needs_settings = true,
	  .meaning = "have new credentials made for a resource, and tell the marketplace",
	  .details =
		"A template makes its ${secret:...} anew at once.  Hooks and libraries do it in\n"
		"provisor-jobs, with hooks/rotate: they are told for how long the old ones must stay\n"
		"good, until every application has been started with the new ones.",
	  .options = { &overlap, &of_marketplace, &of_addon } },
	{ .name = "addons list",
	  .run = cli_addons_list, .needs_settings = true,
	  .meaning = "the add-ons this host sells, and what is wrong with them",
	  .details = "Ends with 1 when a home is broken.",
	  .options = { &json } },
	{ .name = "keys add", .words = "[ID]", .fewest = 0, .most = 1,
	  .run = cli_keys_add, .needs_settings = true,
	  .meaning = "make a key, which opens and does not yet seal",
	  .details =
		"ID is by default the date.  A keys file that is missing is made.  With several\n"
		"hosts, give each the new file before the next step." },
	{ .name = "keys use", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_keys_use, .needs_settings = true,
	  .meaning = "have a key seal from now on",
	  .details = "Waits until each request that does not know the key yet has ended." },
	{ .name = "keys reseal",
	  .run = cli_keys_reseal, .needs_settings = true,
	  .meaning = "seal anew what was sealed with other keys",
	  .details = "The pools may go on meanwhile; it can be interrupted and begun again." },
	{ .name = "keys drop", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_keys_drop, .needs_settings = true,
	  .meaning = "take out a key that nothing needs any more",
	  .details = "Refuses while any row does." },
	{ .name = "init", .words = "MARKETPLACE SLUG", .fewest = 2, .most = 2,
	  .run = cli_init, .needs_settings = true,
	  .meaning = "write the home of a new add-on",
	  .details =
		"It has a manifest as Heroku's command line generates it, with random secrets,\n"
		"a template or code to start from and empty settings, and is valid at once;\n"
		"but a library is to be built first.",
	  .options = { &staging, &listener, &url } },
	{ .name = "hook test", .words = "HOME ACTION", .fewest = 2, .most = 2,
	  .run = cli_hook_test,
	  .meaning = "try the hooks or listener.so of an add-on, and explain the answer",
	  .details =
		"ACTION is provision, change-plan, deprovision, sign-on or rotate.  It is really done:\n"
		"for a resource that no customer has, by the pools' user.  Ends with 0 when it is done.",
	  .options = { &hook_plan, &from, &option, &config, &region, &id, &seconds,
		       &hook_reveal } },
	{ .name = "completion", .words = "bash", .fewest = 1, .most = 1,
	  .run = cli_completion,
	  .meaning = "print what completes these commands in bash",
	  .details = "In ~/.bashrc: source <(provisor completion bash)" },
	{ .name = "settings",
	  .run = cli_settings,
	  .meaning = "list every setting, its default and its meaning" },
	{ .name = "version",
	  .run = cli_version,
	  .meaning = "which provisor this is" },
	{ .name = "help", .words = "[COMMAND]", .fewest = 0, .most = 2,
	  .run = cli_help,
	  .meaning = "this list, or more about one command" },
	{ .name = NULL },
};
/* clang-format on */

const struct command *commands_find(struct arena *arena, int count,
				    const char *const words[])
{
	const char *two = count > 1
		? arena_printf(arena, "%s %s", words[0], words[1])
		: "";

	for (const struct command *c = commands; c->name; c++)
		if (strcmp(c->name, words[0]) == 0 || strcmp(c->name, two) == 0)
			return c;
	return NULL;
}
