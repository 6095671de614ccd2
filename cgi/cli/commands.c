#include "cgi/cli/commands.h"

#include <stddef.h>

#include "lib/db/json_rows.h"

enum {
	MOST_OVERLAP = 7 * 24 * 60 * 60 * 1000 /* ms */,
	MOST_SECONDS = 24 * 60 * 60
};

/* clang-format off */
#define NUMBER_FROM(low, high) .form = VALUE_NUMBER, .least = (low), .most = (high)
#define DURATION_UP_TO(high)   .form = VALUE_DURATION, .most = (high)

static const struct option_spec
	addon          = { .id = OPTION_ADDON, .name = "addon", .value = "SLUG", .meaning = "only of this add-on" },
	all            = { .id = OPTION_ALL, .name = "all", .meaning = "include finished jobs" },
	config         = { .id = OPTION_CONFIG, .name = "config", .value = "NAME=VALUE", .meaning = "a config var that the resource has", .is_repeatable = true },
	dry_run        = { .id = OPTION_DRY_RUN, .name = "dry-run", .meaning = "list pending migrations, and apply none" },
	format         = { .id = OPTION_FORMAT, .name = "format", .value = "FORMAT", .meaning = "jsonl or csv; default: csv if FILE ends in .csv, else jsonl" },
	from           = { .id = OPTION_FROM, .name = "from", .value = "PLAN", .meaning = "the plan before a change-plan", .fallback = "basic" },
	gave_up        = { .id = OPTION_GAVE_UP, .name = "gave-up", .meaning = "only jobs that gave up" },
	hook_plan      = { .id = OPTION_PLAN, .name = "plan", .value = "PLAN", .meaning = "the plan of the resource", .fallback = "test" },
	hook_reveal    = { .id = OPTION_REVEAL, .name = "reveal", .meaning = "show the values of config vars" },
	id             = { .id = OPTION_ID, .name = "id", .value = "UUID", .meaning = "the id of the resource; default: a random one" },
	import_dry_run = { .id = OPTION_DRY_RUN, .name = "dry-run", .meaning = "only check FILE and print what would be done" },
	json           = { .id = OPTION_JSON, .name = "json", .meaning = "print a JSON object per line, for programs" },
	kind           = { .id = OPTION_KIND, .name = "kind", .value = "KIND", .meaning = "only jobs of this kind, such as deprovision" },
	limit          = { .id = OPTION_LIMIT, .name = "limit", .value = "N", .meaning = "show only the newest N", .fallback = "100", NUMBER_FROM(1, JSON_ROWS_MOST) },
	listener       = { .id = OPTION_LISTENER, .name = "listener", .value = "KIND", .meaning = "template, exec (hooks) or so (a library)", .fallback = "template" },
	marketplace    = { .id = OPTION_MARKETPLACE, .name = "marketplace", .value = "NAME", .meaning = "only of this marketplace" },
	most           = { .id = OPTION_MOST, .name = "most", .value = "N", .meaning = "deprovision at most N resources", .fallback = "10", NUMBER_FROM(0, 999999) },
	of_addon       = { .id = OPTION_ADDON, .name = "addon", .value = "SLUG", .meaning = "the add-on, if several resources have this ID" },
	of_marketplace = { .id = OPTION_MARKETPLACE, .name = "marketplace", .value = "NAME", .meaning = "the marketplace, if several resources have this ID" },
	ops            = { .id = OPTION_OPS, .name = "ops", .value = "ADDRESS", .meaning = "where nginx serves /ready and /metrics", .fallback = "127.0.0.1:918" },
	option         = { .id = OPTION_OPTION, .name = "option", .value = "NAME=VALUE", .meaning = "an option that the customer chose", .is_repeatable = true },
	overlap        = { .id = OPTION_OVERLAP, .name = "overlap", .value = "DURATION", .meaning = "how long the old credentials stay valid", .fallback = "2h", DURATION_UP_TO(MOST_OVERLAP) },
	plan           = { .id = OPTION_PLAN, .name = "plan", .value = "PLAN", .meaning = "only on this plan" },
	region         = { .id = OPTION_REGION, .name = "region", .value = "REGION", .meaning = "the region of the resource" },
	repair         = { .id = OPTION_REPAIR, .name = "repair", .meaning = "repair what can be repaired" },
	resource       = { .id = OPTION_RESOURCE, .name = "resource", .value = "ID", .meaning = "only jobs of the resource with this id" },
	reveal         = { .id = OPTION_REVEAL, .name = "reveal", .meaning = "show the values of config vars; recorded in the history" },
	seconds        = { .id = OPTION_SECONDS, .name = "seconds", .value = "N", .meaning = "the time limit; default: 3 for sign-on, 60 for deprovision and rotate, otherwise 18", NUMBER_FROM(1, MOST_SECONDS) },
	since          = { .id = OPTION_SINCE, .name = "since", .value = "DURATION", .meaning = "only those created within DURATION, such as 48h", DURATION_UP_TO(INT64_MAX) },
	staging        = { .id = OPTION_STAGING, .name = "staging", .meaning = "also create a second home, SLUG-staging" },
	state          = { .id = OPTION_STATE, .name = "state", .value = "STATE", .meaning = "only in this state, such as provisioned" },
	to_addon       = { .id = OPTION_ADDON, .name = "addon", .value = "SLUG", .meaning = "the add-on of the resources", .is_required = true },
	to_marketplace = { .id = OPTION_MARKETPLACE, .name = "marketplace", .value = "NAME", .meaning = "the marketplace of the resources", .is_required = true },
	unset          = { .id = OPTION_UNSET, .name = "unset", .value = "NAME", .meaning = "remove a config var", .is_repeatable = true },
	update         = { .id = OPTION_UPDATE, .name = "update", .meaning = "change existing resources that differ from FILE" },
	url            = { .id = OPTION_URL, .name = "url", .value = "https://HOST", .meaning = "the address at which the marketplace reaches this host" },
	yes            = { .id = OPTION_YES, .name = "yes", .meaning = "do it; without this option, only explain what would be done" };

const struct command commands[] = {
	{ .name = "migrate",
	  .run = cli_migrate, .needs_settings = true,
	  .meaning = "apply pending migrations to the database",
	  .details =
		"Run it as the role that owns the tables.  Each migration runs in a transaction, "
		"and its name is printed.",
	  .options = { &dry_run } },
	{ .name = "reload",
	  .run = cli_reload, .needs_settings = true,
	  .meaning = "replace all workers without losing a request",
	  .details =
		"Each worker ends after its current request, and its pool starts another one with "
		"the program that is installed now.  Processes of provisor-jobs are replaced in the "
		"same way, after their current job." },
	{ .name = "check",
	  .run = cli_check,
	  .meaning = "check this host, with a remedy for each problem",
	  .details =
		"Checks settings, keys, add-ons, database, jobs, pools and nginx.  Exits with 1 if "
		"there is an error.  Run it as root or as the user of the pools.",
	  .options = { &json, &ops } },
	{ .name = "resources list",
	  .run = cli_resources_list, .needs_settings = true,
	  .meaning = "list resources, newest first",
	  .options = { &marketplace, &addon, &state, &plan, &since, &limit, &json } },
	{ .name = "resources find", .words = "TEXT", .fewest = 1, .most = 1,
	  .run = cli_resources_find, .needs_settings = true,
	  .meaning = "list resources by part of an id, name or owner",
	  .details =
		"TEXT is part of an id, the name, the owner or the log drain token.  The search "
		"ignores case.",
	  .options = { &marketplace, &addon, &state, &plan, &since, &limit, &json } },
	{ .name = "resources show", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_resources_show, .needs_settings = true,
	  .meaning = "show a resource, with the names of its config vars",
	  .details =
		"ID is provisor's own id, the marketplace's id, or the id returned to the "
		"marketplace.",
	  .options = { &of_marketplace, &of_addon, &reveal, &json } },
	{ .name = "resources history", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_resources_history, .needs_settings = true,
	  .meaning = "show what happened to a resource, and who did it",
	  .options = { &of_marketplace, &of_addon, &limit, &json } },
	{ .name = "resources deprovision", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_resources_deprovision, .needs_settings = true,
	  .meaning = "deprovision a resource, as its marketplace would",
	  .details = "This cannot be undone.  The marketplace is not notified.",
	  .options = { &of_marketplace, &of_addon, &yes } },
	{ .name = "resources export", .words = "[FILE]", .fewest = 0, .most = 1,
	  .run = cli_resources_export, .needs_settings = true,
	  .meaning = "write resources to a file",
	  .details =
		"Writes a line for each resource that is provisioned or deprovisioned, as JSON or "
		"CSV, to a new FILE or to standard output.  Config vars are written only with "
		"--reveal.",
	  .options = { &format, &marketplace, &addon, &state, &plan, &since, &reveal } },
	{ .name = "resources import", .words = "FILE", .fewest = 1, .most = 1,
	  .run = cli_resources_import, .needs_settings = true,
	  .meaning = "import resources from another system, with their ids",
	  .details =
		"FILE has the format of resources export.  The whole file is checked before the first "
		"resource is imported, and each import is recorded in the history.  A resource that "
		"exists stays as it is; if it differs from FILE, that is reported, and --update "
		"changes it.  No listener is called.  Exits with 1 if a difference remains.",
	  .options = { &to_marketplace, &to_addon, &format, &import_dry_run, &update } },
	{ .name = "reconcile",
	  .run = cli_reconcile, .needs_settings = true,
	  .meaning = "compare resources with those of the marketplace",
	  .details =
		"Queries the marketplace with the token of each resource.  A resource that cannot be "
		"queried is listed as unchecked; one that a token can see and that is unknown here, "
		"as lost.  With --repair, resources that are gone at the marketplace are "
		"deprovisioned here, at most N of them; plans are changed here to those of the "
		"marketplace; lost resources are imported with the config vars that they have there; "
		"provisor-jobs sends config vars and completions.  Every repair is recorded in the "
		"history.  Exits with 1 if a difference remains.",
	  .options = { &marketplace, &addon, &repair, &most, &json } },
	{ .name = "jobs list",
	  .run = cli_jobs_list, .needs_settings = true,
	  .meaning = "list unfinished jobs, newest first",
	  .details =
		"States: running (its lease ends at the time shown), due, waiting (for the time shown "
		"or for the marketplace to repeat its request), blocked (an earlier job of the "
		"resource comes first), gave-up (needs an operator) and done.",
	  .options = { &kind, &resource, &gave_up, &all, &limit, &json } },
	{ .name = "jobs show", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_jobs_show, .needs_settings = true,
	  .meaning = "show a job",
	  .options = { &json } },
	{ .name = "jobs retry", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_jobs_retry, .needs_settings = true,
	  .meaning = "make a job due now, even if it gave up",
	  .details = "This is recorded in the history." },
	{ .name = "jobs cancel", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_jobs_cancel, .needs_settings = true,
	  .meaning = "cancel a job",
	  .details =
		"Without --yes, explains what that means for the resource.  A running job cannot be "
		"cancelled.  This is recorded in the history.",
	  .options = { &yes } },
	{ .name = "sessions end", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_sessions_end, .needs_settings = true,
	  .meaning = "sign out all browsers of a resource",
	  .details = "Users can sign in again from the marketplace's dashboard.",
	  .options = { &of_marketplace, &of_addon } },
	{ .name = "config set", .words = "ID [NAME[=VALUE]]...", .fewest = 1, .most = 101,
	  .run = cli_config_set, .needs_settings = true,
	  .meaning = "change config vars, and send them to the marketplace",
	  .details =
		"NAME=VALUE   this value, which may be empty\n"
		"NAME=@FILE   the content of FILE, without the line break at its end\n"
		"NAME         the next line of standard input\n"
		"\n"
		"All users of the host can read the arguments of a running command, and shells store "
		"them: pass a secret in a file or on standard input.  Each NAME must be in the "
		"manifest's api.config_vars.  Other config vars stay as they are.  The new values "
		"last until a plan change or a rotation returns other ones.",
	  .options = { &unset, &of_marketplace, &of_addon } },
	{ .name = "config rotate", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_config_rotate, .needs_settings = true,
	  .meaning = "create new credentials for a resource",
	  .details =
		"A template generates its ${secret:...} again at once.  For hooks and libraries, "
		"provisor-jobs calls \"rotate\" with the overlap: the old credentials must stay valid "
		"until every application has restarted with the new ones.  provisor-jobs then sends "
		"these to the marketplace.",
	  .options = { &overlap, &of_marketplace, &of_addon } },
	{ .name = "addons list",
	  .run = cli_addons_list, .needs_settings = true,
	  .meaning = "list add-ons, and errors in their homes",
	  .details = "Exits with 1 if a home is invalid.",
	  .options = { &json } },
	{ .name = "keys add", .words = "[ID]", .fewest = 0, .most = 1,
	  .run = cli_keys_add, .needs_settings = true,
	  .meaning = "add a key, which opens values and does not seal yet",
	  .details =
		"ID is by default the date.  A missing keys file is created.  With several hosts, "
		"copy the new file to each of them before the next step." },
	{ .name = "keys use", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_keys_use, .needs_settings = true,
	  .meaning = "seal new values with this key",
	  .details = "Waits until every request that began without the key has ended." },
	{ .name = "keys reseal",
	  .run = cli_keys_reseal, .needs_settings = true,
	  .meaning = "seal older values with the current key",
	  .details = "The pools may run meanwhile.  It can be interrupted and run again." },
	{ .name = "keys drop", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_keys_drop, .needs_settings = true,
	  .meaning = "remove a key that no value needs",
	  .details = "Refuses while a value in the database needs it." },
	{ .name = "init", .words = "MARKETPLACE SLUG", .fewest = 2, .most = 2,
	  .run = cli_init, .needs_settings = true,
	  .meaning = "create the home of a new add-on",
	  .details =
		"The home has a manifest as Heroku's command line generates it, with random secrets, "
		"empty settings, and a listener to start from.  It is valid at once, or, with "
		"--listener so, as soon as you have built the library.",
	  .options = { &staging, &listener, &url } },
	{ .name = "hook test", .words = "HOME ACTION", .fewest = 2, .most = 2,
	  .run = cli_hook_test,
	  .meaning = "run a hook or library, and explain its answer",
	  .details =
		"ACTION is provision, change-plan, deprovision, sign-on or rotate.  The code really "
		"runs, as the user of the pools, for a resource that no customer has.  Exits with 0 "
		"if the verdict is \"done\".",
	  .options = { &hook_plan, &from, &option, &config, &region, &id, &seconds,
		       &hook_reveal } },
	{ .name = "completion", .words = "bash", .fewest = 1, .most = 1,
	  .run = cli_completion,
	  .meaning = "print a script that completes commands in bash",
	  .details = "In ~/.bashrc: source <(provisor completion bash)" },
	{ .name = "settings",
	  .run = cli_settings,
	  .meaning = "list all settings, with defaults and meanings" },
	{ .name = "version",
	  .run = cli_version,
	  .meaning = "print the version of provisor" },
	{ .name = "help", .words = "[COMMAND]", .fewest = 0, .most = 2,
	  .run = cli_help,
	  .meaning = "list all commands, or explain one" },
	{ .name = NULL },
};
/* clang-format on */
