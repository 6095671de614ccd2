#include "cgi/cli/commands.h"

#include <stddef.h>

#include "cgi/cli/options.h"
#include "cgi/cli/pool_table.h"

enum { MOST_CHANGES = 100 /* config vars that a command changes */ };

/* clang-format off */
const struct command commands[] = {
	{ .name = "migrate",
	  .run = cli_migrate, .needs_settings = true,
	  .meaning = "apply pending migrations to the database",
	  .details =
		"Run it as the role that owns the tables.  Each migration runs in a transaction, "
		"and its name is printed.  One that builds indexes waits for transactions that are "
		"open, such as a dump; requests are served meanwhile.  A migration that was "
		"interrupted is repeated or continued by the next run.  Run it again after "
		"installing PostgreSQL's module pg_trgm: it then builds the index that finds any "
		"part of a name.",
	  .options = { &dry_run } },
	{ .name = "start", .words = "[POOL]...", .fewest = 0, .most = POOL_MOST,
	  .run = cli_start, .needs_settings = true,
	  .meaning = "start the pools and provisor-jobs",
	  .details =
		"POOL is hooks, api, web or jobs; without it, all are started.  A pool that is "
		"already running stays as it is.  Run this as root.  With systemd, systemctl does it." },
	{ .name = "stop", .words = "[POOL]...", .fewest = 0, .most = POOL_MOST,
	  .run = cli_stop,
	  .meaning = "stop the pools and provisor-jobs",
	  .details =
		"Each process first finishes its request or job.  Processes that take too long are "
		"killed, and named; then the command exits with 1.  With systemd, systemctl does it." },
	{ .name = "restart", .words = "[POOL]...", .fewest = 0, .most = POOL_MOST,
	  .run = cli_restart, .needs_settings = true,
	  .meaning = "stop and start the pools without losing a request",
	  .details =
		"Requests wait meanwhile.  A restart also applies changed numbers of processes; "
		"reload replaces the processes one by one.  With systemd, systemctl does it." },
	{ .name = "status", .words = "[POOL]...", .fewest = 0, .most = POOL_MOST,
	  .run = cli_status,
	  .meaning = "show which pools run, and since when",
	  .details = "Exits with 3 if a pool is not running.  With systemd, systemctl does it.",
	  .options = { &json } },
	{ .name = "reload", .words = "[POOL]...", .fewest = 0, .most = POOL_MOST,
	  .run = cli_reload, .needs_settings = true,
	  .meaning = "replace all workers without losing a request",
	  .details =
		"Each worker ends after its current request, and its pool starts another one with "
		"the program that is installed now.  Processes of provisor-jobs are replaced in the "
		"same way, after their current job.  POOL is api, web or jobs." },
	{ .name = "check",
	  .run = cli_check,
	  .meaning = "check this host, with a remedy for each problem",
	  .details =
		"Checks settings, keys, add-ons, the marketplace's clock, database, jobs, pools and "
		"nginx, and that nobody can use the console without a password.  Exits with 1 if "
		"there is an error.  Run it as root or as the user of the pools.  While the host is not "
		"set up or an upgrade is not complete, the last line begins with \"next\" and has the "
		"next command.",
	  .options = { &json, &ops, &at_console } },
	{ .name = "resources list",
	  .run = cli_resources_list, .needs_settings = true,
	  .meaning = "list resources, newest first",
	  .options = { &marketplace, &addon, &state, &plan, &since, &limit, &after, &json } },
	{ .name = "resources find", .words = "TEXT", .fewest = 1, .most = 1,
	  .run = cli_resources_find, .needs_settings = true,
	  .meaning = "list resources by part of a name or owner, or by id",
	  .details =
		"TEXT is part of the name or the owner, or the beginning of an id or of the log "
		"drain token.  The search ignores case.  A TEXT of fewer than three letters must "
		"be the beginning of the name; so must any TEXT if PostgreSQL lacked its module "
		"pg_trgm when provisor migrate last ran.",
	  .options = { &marketplace, &addon, &state, &plan, &since, &limit, &after, &json } },
	{ .name = "resources count",
	  .run = cli_resources_count, .needs_settings = true,
	  .meaning = "count resources",
	  .details = "With --by, prints a line for each value, the most frequent first.",
	  .options = { &by, &marketplace, &addon, &state, &plan, &since, &json } },
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
	  .details =
		"An event says why, if something was refused, promised or abandoned.  Attempts that "
		"did not finish a job are listed as job-put-off or, if the job waits for an operator, "
		"as job-gave-up, each with its reason.",
	  .options = { &of_marketplace, &of_addon, &limit, &json } },
	{ .name = "events list",
	  .run = cli_events_list, .needs_settings = true,
	  .meaning = "list what happened to all resources, newest first",
	  .details =
		"The events are those of resources history, attempts that did not finish a job "
		"included.",
	  .options = { &marketplace, &addon, &event_resource, &what, &actor, &within, &limit, &after,
		       &json } },
	{ .name = "report",
	  .run = cli_report, .needs_settings = true,
	  .meaning = "print daily figures: resources, churn, sign-ons",
	  .details =
		"Prints a line for each day in UTC; with --by, for each value on each day.  The day that "
		"has not ended is marked.  The table ends with a total; CSV and JSON have more figures.  "
		"Figures whose events have been removed are null in JSON, and empty elsewhere.",
	  .options = { &report_since, &report_until, &report_by, &marketplace, &addon, &csv, &json } },
	{ .name = "resources create", .words = "ADDON ID PLAN", .fewest = 3, .most = 3,
	  .run = cli_resources_create, .needs_settings = true,
	  .meaning = "create a resource for a customer without a marketplace",
	  .details =
		"ADDON has its home in the folder direct.  ID is your own id of the customer's "
		"resource: the same command again finds the resource and creates nothing.  The "
		"listener is called as for a marketplace.",
	  .options = { &name, &region, &option } },
	{ .name = "resources change-plan", .words = "ID PLAN", .fewest = 2, .most = 2,
	  .run = cli_resources_change_plan, .needs_settings = true,
	  .meaning = "change the plan of a resource without a marketplace",
	  .details = "A marketplace changes the plans of its resources itself.",
	  .options = { &of_marketplace, &of_addon } },
	{ .name = "resources suspend", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_resources_suspend, .needs_settings = true,
	  .meaning = "take a resource out of use, without losing anything",
	  .details =
		"The state changes at once, and provisor-jobs calls the listener's \"suspend\".  "
		"Config vars stay.  The customer can still sign on, change the plan and deprovision; a "
		"plan change calls the listener with the state \"suspended\".  The marketplace is not "
		"notified.",
	  .options = { &reason, &of_marketplace, &of_addon } },
	{ .name = "resources resume", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_resources_resume, .needs_settings = true,
	  .meaning = "put a suspended resource into use again",
	  .details =
		"provisor-jobs calls the listener's \"resume\"; when this is done, the resource is "
		"provisioned, on the plan that it has by then.",
	  .options = { &reason, &of_marketplace, &of_addon } },
	{ .name = "resources deprovision", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_resources_deprovision, .needs_settings = true,
	  .meaning = "deprovision a resource, as its marketplace would",
	  .details =
		"With \"keep\" in the add-on's settings.json, the resource can be restored for that "
		"time: its listener is called with \"suspend\" now and with \"deprovision\" in the end.  "
		"Otherwise, and with --now, this cannot be undone.  The marketplace is not notified.",
	  .options = { &now, &of_marketplace, &of_addon, &yes } },
	{ .name = "resources restore", .words = "OLD NEW", .fewest = 2, .most = 2,
	  .run = cli_resources_restore, .needs_settings = true,
	  .meaning = "restore the deprovisioned resource OLD into NEW",
	  .details =
		"OLD is kept (resources list --state kept), and NEW is provisioned and of the same "
		"add-on: the customer has created it since.  provisor-jobs calls the listener's "
		"\"restore\" with both, stores the config vars that it returns for NEW, and sends "
		"them to the marketplace.  The content of NEW is lost then, and OLD is a "
		"tombstone.",
	  .options = { &of_marketplace, &of_addon } },
	{ .name = "resources move", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_resources_move, .needs_settings = true,
	  .meaning = "move a resource to another add-on or marketplace",
	  .details =
		"Without a marketplace (direct), a new resource is created.  At a marketplace, the "
		"customer creates the resource first, and --as names its id there; what it has is "
		"replaced.  The listener's \"move\" is called with both; without one, a new resource "
		"gets the config vars of the old one, and the vendor's objects stay the same.  The old "
		"resource is moved from then on: nobody can use it, and when its marketplace "
		"deprovisions it, nothing is cleaned up.",
	  .options = { &move_addon, &move_marketplace, &as, &move_plan, &of_marketplace,
		       &of_addon } },
	{ .name = "resources export", .words = "[FILE]", .fewest = 0, .most = 1,
	  .run = cli_resources_export, .needs_settings = true,
	  .meaning = "write resources to a file",
	  .details =
		"Writes a line for each resource that is provisioned, kept, moved or deprovisioned, as JSON "
		"or CSV, to a new FILE or to standard output.  Config vars are written only with "
		"--reveal.",
	  .options = { &format, &marketplace, &addon, &state, &plan, &since, &reveal } },
	{ .name = "resources import", .words = "FILE", .fewest = 1, .most = 1,
	  .run = cli_resources_import, .needs_settings = true,
	  .meaning = "import resources from another system, with their ids",
	  .details =
		"FILE has the format of resources export.  The whole file is checked before the first "
		"resource is imported, and each import is recorded in the history.  A resource that "
		"exists stays as it is; if it differs from FILE, that is reported, and --update "
		"changes it.  No listener is called; one that is kept is cleaned up when its time is "
		"over.  Exits with 1 if a difference remains.",
	  .options = { &to_marketplace, &to_addon, &format, &import_dry_run, &update } },
	{ .name = "reconcile",
	  .run = cli_reconcile, .needs_settings = true,
	  .meaning = "compare resources with those of the marketplace",
	  .details =
		"Queries the marketplace with the token of each resource, or compares with a list in "
		"FILE.  Without --repair, nothing changes.  With it, resources that are gone at the "
		"marketplace are deprovisioned here, at most N of them; plans are changed here to those "
		"of the marketplace; lost resources are imported.  Config vars are changed only with "
		"--config.  Every repair is recorded in the history.  A run that is interrupted prints "
		"where it ended.  Exits with 1 if a difference remains or a resource is unchecked.",
	  .options = { &marketplace, &addon, &repair, &whose_config, &most, &against, &format,
		       &after_resource, &parallel, &json } },
	{ .name = "restored",
	  .run = cli_restored, .needs_settings = true,
	  .meaning = "after a restore or failover: show and release held jobs",
	  .details =
		"A restored backup or a promoted standby may lack the last changes, so jobs that "
		"could remove or overwrite something are held.  Without --release, shows what the "
		"database lacks, as far as it can be known, and which jobs are held.  Compare the "
		"resources with the marketplace (provisor reconcile), then release the jobs, one "
		"add-on after the other.  Exits with 1 while jobs are held.",
	  .options = { &marketplace, &addon, &release, &unanswered, &yes, &json } },
	{ .name = "jobs list",
	  .run = cli_jobs_list, .needs_settings = true,
	  .meaning = "list unfinished jobs, newest first",
	  .details =
		"States: running (its lease ends at the time shown), due, waiting (for the time shown "
		"or for the marketplace to repeat its request), blocked (an earlier job of the "
		"resource comes first), gave-up (needs an operator), held (see restored) and done.",
	  .options = { &kind, &resource, &marketplace, &addon, &gave_up, &all, &limit, &after,
		       &json } },
	{ .name = "jobs show", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_jobs_show, .needs_settings = true,
	  .meaning = "show a job",
	  .details =
		"Shows the error of the last attempt.  \"provisor resources history\" shows why earlier "
		"ones failed.",
	  .options = { &json } },
	{ .name = "jobs retry", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_jobs_retry, .needs_settings = true,
	  .meaning = "make a job due now, even if it gave up",
	  .details = "This is recorded in the history." },
	{ .name = "jobs cancel", .words = "[ID]", .fewest = 0, .most = 1,
	  .run = cli_jobs_cancel, .needs_settings = true,
	  .meaning = "cancel a job, or those that the options select",
	  .details =
		"Explains what that means for the resources and, on a terminal, asks; elsewhere it "
		"needs --yes.  Without ID, --addon is required.  A running job cannot be cancelled.  "
		"This is recorded in the history.",
	  .options = { &marketplace, &addon, &kind, &gave_up, &yes } },
	{ .name = "sessions end", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_sessions_end, .needs_settings = true,
	  .meaning = "sign out all browsers of a resource",
	  .details = "Users can sign in again from the marketplace's dashboard.",
	  .options = { &of_marketplace, &of_addon } },
	{ .name = "config set", .words = "ID [NAME[=VALUE]]...", .fewest = 1, .most = 1 + MOST_CHANGES,
	  .run = cli_config_set, .needs_settings = true,
	  .meaning = "change config vars, and send them to the marketplace",
	  .details =
		"NAME=VALUE   this value, which may be empty\n"
		"NAME=@FILE   the content of FILE, without the line break at its end\n"
		"NAME         the next line of standard input\n"
		"\n"
		"All users of the host can read the arguments of a running command, and shells store "
		"them: pass a secret in a file or on standard input.  Each NAME must be in the "
		"manifest's config_vars.  Other config vars stay as they are.  The new values "
		"last until a plan change or a rotation returns other ones.",
	  .options = { &unset, &replace_unreadable, &of_marketplace, &of_addon } },
	{ .name = "config rotate", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_config_rotate, .needs_settings = true,
	  .meaning = "create new credentials for a resource",
	  .details =
		"A template generates its ${secret:...} again at once.  For hooks and libraries, "
		"provisor-jobs calls \"rotate\" with the overlap: the old credentials must stay valid "
		"until every application has restarted with the new ones.  provisor-jobs then sends "
		"these to the marketplace.",
	  .options = { &overlap, &replace_unreadable, &of_marketplace, &of_addon } },
	{ .name = "platform", .words = "ID METHOD PATH", .fewest = 3, .most = 3,
	  .run = cli_platform, .needs_settings = true,
	  .meaning = "call the marketplace's API with the token of a resource",
	  .details =
		"Prints the JSON of the response, and exits with 1 unless the call succeeded.  In PATH, "
		"{addon} stands for the marketplace's id of the resource, and {app} for that of its "
		"app, for example: provisor platform ID GET /apps/{app}/collaborators.  Jobs of "
		"the resource that call the marketplace wait meanwhile.  If the marketplace's limit "
		"of calls is reached, the command waits as long as it requires, up to a minute.  This "
		"is recorded in the history.",
	  .options = { &all_pages, &body, &of_marketplace, &of_addon } },
	{ .name = "token", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_token, .needs_settings = true,
	  .meaning = "print a token of the marketplace's API for a resource",
	  .details =
		"It is valid for at least ten minutes; with --json, the address of the API and the "
		"time when it expires are printed, too.  It is a secret.  This is recorded in the "
		"history.",
	  .options = { &json, &of_marketplace, &of_addon } },
	{ .name = "contacts", .words = "ID", .fewest = 1, .most = 1,
	  .run = cli_contacts, .needs_settings = true,
	  .meaning = "print the e-mail addresses of a resource's customer",
	  .details =
		"These are the owner and the collaborators of its app, with their roles, as the "
		"marketplace has them now.  This is recorded in the history.",
	  .options = { &json, &of_marketplace, &of_addon } },
	{ .name = "addons list",
	  .run = cli_addons_list, .needs_settings = true,
	  .meaning = "list add-ons, and errors in their homes",
	  .details =
		"Exits with 1 if a home is invalid, or if an add-on has resources in the database but "
		"no home on this host.",
	  .options = { &json } },
	{ .name = "addons rename", .words = "OLD NEW", .fewest = 2, .most = 2,
	  .run = cli_addons_rename, .needs_settings = true,
	  .meaning = "give the resources of an add-on to its new name",
	  .details =
		"For an add-on whose id in the manifest has changed.  OLD has no home any more, and NEW "
		"has one.  Resources, jobs and grants become those of NEW, and the secrets are sealed "
		"for it.  Prints the numbers and, on a terminal, asks for confirmation; elsewhere it "
		"needs --yes.  This is recorded in the history of each resource.",
	  .options = { &marketplace, &yes } },
	{ .name = "addons forget", .words = "SLUG", .fewest = 1, .most = 1,
	  .run = cli_addons_forget, .needs_settings = true,
	  .meaning = "erase the resources of an add-on that is no longer sold",
	  .details =
		"Its home must be removed first.  Resources become deprovisioned, without secrets "
		"and without their customers' data, and jobs are cancelled.  No listener and no "
		"marketplace is called.  Prints the numbers and, on a terminal, asks for "
		"confirmation; elsewhere it needs --yes.  Refuses while resources are live, unless "
		"--live gives their number.",
	  .options = { &marketplace, &live, &yes } },
	{ .name = "people export", .words = "E-MAIL", .fewest = 1, .most = 1,
	  .run = cli_people_export, .needs_settings = true,
	  .meaning = "print all that is stored about a person",
	  .details =
		"Prints a JSON object per line: resources whose name, owner or messages have the address, "
		"with the options that were chosen; events that the person has caused; and texts that "
		"mention the address.  Opening options is recorded in the history." },
	{ .name = "people forget", .words = "E-MAIL", .fewest = 1, .most = 1,
	  .run = cli_people_forget, .needs_settings = true,
	  .meaning = "erase a person",
	  .details =
		"Events stay, without the person, and texts stay, without the address.  A resource that is "
		"live, or whose clean-up is pending, stays as it is, and is named.  Prints the numbers and, "
		"on a terminal, asks for confirmation; elsewhere it needs --yes.  This is recorded in the "
		"history of each resource, without the address.",
	  .options = { &yes } },
	{ .name = "keys add", .words = "[ID]", .fewest = 0, .most = 1,
	  .run = cli_keys_add, .needs_settings = true,
	  .meaning = "add a key that opens values but does not seal yet",
	  .details =
		"The default ID is the date.  A missing keys file is created.  With several hosts, "
		"copy the new file to each of them before the next step." },
	{ .name = "keys list",
	  .run = cli_keys_list, .needs_settings = true,
	  .meaning = "list the keys, and how many values each has sealed",
	  .details =
		"ADDED is known for keys whose id keys add has chosen.  The first key seals.",
	  .options = { &json } },
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
		"The home has a manifest as the marketplace's own tools generate it, with random secrets, "
		"empty settings, and a listener to start from.  It is valid at once, or, with "
		"--listener so, as soon as you have built the library.  The staging add-on, with which "
		"you test at the marketplace, gets an address of its own.",
	  .options = { &staging, &staging_url, &listener, &url, &version } },
	{ .name = "manifest lint", .words = "[FILE]", .fewest = 0, .most = 1,
	  .run = cli_manifest_lint,
	  .meaning = "check a manifest, with a remedy for each problem",
	  .details =
		"Checks what provisor needs, and the rules of the marketplace and its tools, without "
		"calling it.  FILE is by default addon-manifest.json in the current folder.  What only "
		"kensa, Heroku's former test client, refuses is a warning.  Exits with 1 if there is an "
		"error.",
	  .options = { &manifest_addon, &manifest_marketplace, &json } },
	{ .name = "manifest show", .words = "[SLUG]", .fewest = 0, .most = 1,
	  .run = cli_manifest_show,
	  .meaning = "print the manifest that Heroku has",
	  .details = "SLUG is by default the id in the file.  The password and the salt are hidden.",
	  .options = { &manifest_id, &manifest_reveal, &manifest_file, &manifest_addon, &token_file, &manifest_host, &ca_file } },
	{ .name = "manifest list", .words = "[SLUG]", .fewest = 0, .most = 1,
	  .run = cli_manifest_list,
	  .meaning = "list the manifests that Heroku has had, newest first",
	  .options = { &json, &manifest_file, &manifest_addon, &token_file, &manifest_host, &ca_file } },
	{ .name = "manifest diff",
	  .run = cli_manifest_diff,
	  .meaning = "compare the manifest that Heroku has with the file",
	  .details =
		"Lines with - are at Heroku, those with + are in the file.  The order of members does "
		"not count.  Secrets are hidden, also if they differ.  Exits with 1 if there is a "
		"difference.",
	  .options = { &manifest_file, &manifest_addon, &token_file, &manifest_host, &ca_file } },
	{ .name = "manifest push",
	  .run = cli_manifest_push,
	  .meaning = "make the file the manifest that Heroku has",
	  .details =
		"Refuses a file with errors (manifest lint).  Prints the differences and, on a terminal, "
		"asks for confirmation; elsewhere it needs --yes.  Then the file takes what Heroku has "
		"added, such as $base, by which Heroku recognizes conflicting changes.",
	  .options = { &manifest_file, &manifest_addon, &token_file, &manifest_host, &ca_file, &yes } },
	{ .name = "manifest pull", .words = "[SLUG]", .fewest = 0, .most = 1,
	  .run = cli_manifest_pull,
	  .meaning = "replace the file with the manifest that Heroku has",
	  .details =
		"Prints the differences.  If the file would lose something that Heroku does not have, "
		"it asks for confirmation on a terminal, and needs --yes elsewhere.  SLUG is needed only "
		"if there is no file yet.",
	  .options = { &manifest_file, &manifest_addon, &token_file, &manifest_host, &ca_file, &yes } },
	{ .name = "verify", .words = "URL", .fewest = 1, .most = 1,
	  .run = cli_verify,
	  .meaning = "check that a provider keeps Heroku's contract",
	  .details =
		"Plays Heroku against the provider at URL, such as "
		"https://staging.example.com/heroku/resources: this one or any other, in version 3 or 1, "
		"as the manifest says.  Each check has a rule, and, if it fails, its source and what was "
		"expected and received.  All resources that it makes are deprovisioned in the end, also if "
		"it is interrupted.  A provider of this host may be at http://localhost.  Exits with 1 if "
		"a check fails.",
	  .options = { &manifest, &verify_plan, &second_password, &sso_url, &ca_file, &listen,
		       &certificate, &client_secret, &wait, &seed, &verify_limit, &production,
		       &json, &junit } },
	{ .name = "hook test", .words = "HOME ACTION", .fewest = 2, .most = 2,
	  .run = cli_hook_test, .needs_settings = true,
	  .meaning = "run a hook or library, and explain its answer",
	  .details =
		"ACTION is provision, change-plan, deprovision, sign-on, rotate, suspend, resume, restore or move.  The code really "
		"runs, in the hooks pool, for a resource that no customer has.  Exits with 0 "
		"if the verdict is \"done\".",
	  .options = { &hook_plan, &from, &option, &field, &config, &region, &id, &old, &seconds,
		       &overlap, &hook_reveal } },
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
