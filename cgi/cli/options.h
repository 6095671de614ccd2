/*
 * options.h - the options of commands, for the table in commands.c.
 *
 * No other file includes this header.  An option that commands share has one
 * row; an option with several meanings has a row for each of them.
 */
#ifndef CGI_CLI_OPTIONS_H
#define CGI_CLI_OPTIONS_H

#include <stdint.h>

#include "cgi/cli/command.h"
#include "lib/db/json_rows.h"

enum {
	MOST_OVERLAP = 7 * 24 * 60 * 60 * 1000 /* ms */,
	MOST_ANSWER = 60 * 60 * 1000 /* ms */,
	MOST_SECONDS = 24 * 60 * 60
};

/* clang-format off */
#define NUMBER_FROM(low, high) .form = VALUE_NUMBER, .least = (low), .most = (high)
#define DURATION_UP_TO(high)   .form = VALUE_DURATION, .most = (high)

static const struct option_spec
	actor          = { .id = OPTION_ACTOR, .name = "actor", .value = "NAME", .meaning = "only those of this actor, such as heroku or provisor-jobs" },
	addon          = { .id = OPTION_ADDON, .name = "addon", .value = "SLUG", .meaning = "only of this add-on" },
	after          = { .id = OPTION_AFTER, .name = "after", .value = "ID", .meaning = "continue the list after this row" },
	after_resource = { .id = OPTION_AFTER, .name = "after", .value = "ID", .meaning = "continue after this resource, where an earlier run ended" },
	against        = { .id = OPTION_AGAINST, .name = "against", .value = "FILE", .meaning = "compare with the marketplace's list in FILE instead" },
	all            = { .id = OPTION_ALL, .name = "all", .meaning = "include finished jobs" },
	all_pages      = { .id = OPTION_ALL, .name = "all", .meaning = "print all pages of a list as one list" },
	as             = { .id = OPTION_AS, .name = "as", .value = "KEY", .meaning = "an id of the new resource: at a marketplace, that of the resource created there; default: the id of the old one" },
	body           = { .id = OPTION_BODY, .name = "body", .value = "FILE", .meaning = "send the JSON in FILE; - is standard input" },
	by             = { .id = OPTION_BY, .name = "by", .value = "COLUMN", .meaning = "count by addon, marketplace, plan, region or state" },
	ca_file        = { .id = OPTION_CA_FILE, .name = "ca-file", .value = "FILE", .meaning = "the authorities whose certificates are trusted; default: those of the system" },
	certificate    = { .id = OPTION_CERTIFICATE, .name = "certificate", .value = "FILE", .meaning = "the certificate and the private key of the host in --listen" },
	client_secret  = { .id = OPTION_CLIENT_SECRET, .name = "client-secret", .value = "FILE", .meaning = "its first line is the client secret that the provider must send" },
	config         = { .id = OPTION_CONFIG, .name = "config", .value = "NAME=VALUE", .meaning = "a config var that the resource has", .is_repeatable = true },
	csv            = { .id = OPTION_CSV, .name = "csv", .meaning = "print comma-separated values, for spreadsheets" },
	dry_run        = { .id = OPTION_DRY_RUN, .name = "dry-run", .meaning = "list pending migrations, and apply none" },
	event_resource = { .id = OPTION_RESOURCE, .name = "resource", .value = "ID", .meaning = "only those of the resource with this id" },
	field          = { .id = OPTION_FIELD, .name = "field", .value = "NAME=VALUE", .meaning = "in sign-on: a field that the marketplace passes on", .is_repeatable = true },
	format         = { .id = OPTION_FORMAT, .name = "format", .value = "FORMAT", .meaning = "jsonl or csv; default: csv if FILE ends in .csv, else jsonl" },
	from           = { .id = OPTION_FROM, .name = "from", .value = "PLAN", .meaning = "the plan before a change-plan", .fallback = "basic" },
	gave_up        = { .id = OPTION_GAVE_UP, .name = "gave-up", .meaning = "only jobs that gave up or are held" },
	hook_plan      = { .id = OPTION_PLAN, .name = "plan", .value = "PLAN", .meaning = "the plan of the resource", .fallback = "test" },
	hook_reveal    = { .id = OPTION_REVEAL, .name = "reveal", .meaning = "show the values of config vars" },
	id             = { .id = OPTION_ID, .name = "id", .value = "ID", .meaning = "the id of the resource: a UUID, or an id of your own; default: a random UUID" },
	import_dry_run = { .id = OPTION_DRY_RUN, .name = "dry-run", .meaning = "only check FILE and print what would be done" },
	json           = { .id = OPTION_JSON, .name = "json", .meaning = "print a JSON object per line, for programs" },
	junit          = { .id = OPTION_JUNIT, .name = "junit", .value = "FILE", .meaning = "also write the results to FILE, as JUnit XML" },
	kind           = { .id = OPTION_KIND, .name = "kind", .value = "KIND", .meaning = "only jobs of this kind, such as deprovision" },
	limit          = { .id = OPTION_LIMIT, .name = "limit", .value = "N", .meaning = "show only the newest N", .fallback = "100", NUMBER_FROM(1, JSON_ROWS_MOST) },
	listen         = { .id = OPTION_LISTEN, .name = "listen", .value = "URL", .meaning = "serve the marketplace's API and tokens there, to follow creates that get 202" },
	listener       = { .id = OPTION_LISTENER, .name = "listener", .value = "KIND", .meaning = "template, exec (hooks) or so (a library)", .fallback = "template" },
	live           = { .id = OPTION_LIVE, .name = "live", .value = "N", .meaning = "the number of live resources, to forget these too", .fallback = "0", NUMBER_FROM(0, 999999999) },
	manifest       = { .id = OPTION_MANIFEST, .name = "manifest", .value = "FILE", .meaning = "the manifest of the add-on, with its password and salt", .is_required = true },
	manifest_file  = { .id = OPTION_MANIFEST, .name = "manifest", .value = "FILE", .meaning = "the manifest; default: addon-manifest.json in the current folder" },
	manifest_host  = { .id = OPTION_HOST, .name = "host", .value = "URL", .meaning = "the address of Heroku's API for manifests; default: https://addons.heroku.com" },
	manifest_id    = { .id = OPTION_ID, .name = "id", .value = "ID", .meaning = "an older manifest; manifest list shows the ids" },
	manifest_reveal = { .id = OPTION_REVEAL, .name = "reveal", .meaning = "show the password and the salt" },
	manifest_addon = { .id = OPTION_ADDON, .name = "addon", .value = "SLUG", .meaning = "an add-on of this host: the manifest in its home" },
	manifest_marketplace = { .id = OPTION_MARKETPLACE, .name = "marketplace", .value = "NAME", .meaning = "the marketplace of the add-on", .fallback = "heroku" },
	marketplace    = { .id = OPTION_MARKETPLACE, .name = "marketplace", .value = "NAME", .meaning = "only of this marketplace" },
	most           = { .id = OPTION_MOST, .name = "most", .value = "N", .meaning = "deprovision at most N resources", .fallback = "10", NUMBER_FROM(0, 999999) },
	of_addon       = { .id = OPTION_ADDON, .name = "addon", .value = "SLUG", .meaning = "the add-on, if several resources have this ID" },
	of_marketplace = { .id = OPTION_MARKETPLACE, .name = "marketplace", .value = "NAME", .meaning = "the marketplace, if several resources have this ID" },
	at_console     = { .id = OPTION_CONSOLE, .name = "console", .value = "ADDRESS", .meaning = "where nginx serves the console", .fallback = "127.0.0.1:919" },
	move_addon     = { .id = OPTION_TO_ADDON, .name = "to-addon", .value = "SLUG", .meaning = "the add-on to move it to", .is_required = true },
	move_marketplace = { .id = OPTION_TO_MARKETPLACE, .name = "to-marketplace", .value = "NAME", .meaning = "the marketplace of that add-on, or direct", .is_required = true },
	move_plan      = { .id = OPTION_PLAN, .name = "plan", .value = "PLAN", .meaning = "the plan of the new resource without a marketplace; default: that of the old one" },
	name           = { .id = OPTION_NAME, .name = "name", .value = "NAME", .meaning = "a name that resources find finds" },
	now            = { .id = OPTION_NOW, .name = "now", .meaning = "do not keep it for a restore; if it is kept already, end that" },
	old            = { .id = OPTION_OLD, .name = "old", .value = "UUID", .meaning = "restore: the id of the deprovisioned resource; default: a random one" },
	ops            = { .id = OPTION_OPS, .name = "ops", .value = "ADDRESS", .meaning = "where nginx serves /ready and /metrics", .fallback = "127.0.0.1:918" },
	option         = { .id = OPTION_OPTION, .name = "option", .value = "NAME=VALUE", .meaning = "an option that the customer chose", .is_repeatable = true },
	overlap        = { .id = OPTION_OVERLAP, .name = "overlap", .value = "DURATION", .meaning = "how long the old credentials stay valid", .fallback = "2h", DURATION_UP_TO(MOST_OVERLAP) },
	parallel       = { .id = OPTION_PARALLEL, .name = "parallel", .value = "N", .meaning = "query N resources at a time", .fallback = "4", NUMBER_FROM(1, 32) },
	plan           = { .id = OPTION_PLAN, .name = "plan", .value = "PLAN", .meaning = "only on this plan" },
	production     = { .id = OPTION_PRODUCTION, .name = "production", .meaning = "allow the production address of the manifest" },
	reason         = { .id = OPTION_REASON, .name = "reason", .value = "TEXT", .meaning = "why; recorded in the history" },
	region         = { .id = OPTION_REGION, .name = "region", .value = "REGION", .meaning = "the region of the resource" },
	release        = { .id = OPTION_RELEASE, .name = "release", .meaning = "let held jobs continue" },
	repair         = { .id = OPTION_REPAIR, .name = "repair", .meaning = "repair what can be repaired" },
	replace_unreadable = { .id = OPTION_REPLACE_UNREADABLE, .name = "replace-unreadable", .meaning = "erase stored values that no key opens" },
	report_by      = { .id = OPTION_BY, .name = "by", .value = "COLUMN", .meaning = "a line for each addon, marketplace, plan or region" },
	report_since   = { .id = OPTION_SINCE, .name = "since", .value = "DATE", .meaning = "the first day, such as 2026-03-01, or the day a duration ago", .fallback = "30d" },
	report_until   = { .id = OPTION_UNTIL, .name = "until", .value = "DATE", .meaning = "the last day, in the same form; default: today, so far" },
	resource       = { .id = OPTION_RESOURCE, .name = "resource", .value = "ID", .meaning = "only jobs of the resource with this id" },
	reveal         = { .id = OPTION_REVEAL, .name = "reveal", .meaning = "show the values of config vars; recorded in the history" },
	seconds        = { .id = OPTION_SECONDS, .name = "seconds", .value = "N", .meaning = "the time limit; default: that of the pools: 3 for sign-on, three quarters of PROVISOR_ANSWER_LIMIT for provision and change-plan, otherwise PROVISOR_JOB_LIMIT", NUMBER_FROM(1, MOST_SECONDS) },
	second_password = { .id = OPTION_SECOND_PASSWORD, .name = "also-valid", .value = "FILE", .meaning = "its first line is a password that must be valid, too" },
	seed           = { .id = OPTION_SEED, .name = "seed", .value = "TEXT", .meaning = "the ids of resources come from it, to repeat a run at a provider that was emptied; default: a random one" },
	sso_url        = { .id = OPTION_SSO_URL, .name = "sso-url", .value = "URL", .meaning = "where browsers sign on; default: the path of the manifest's sso_url, at the host of URL" },
	since          = { .id = OPTION_SINCE, .name = "since", .value = "DURATION", .meaning = "only those created within DURATION, such as 48h", DURATION_UP_TO(INT64_MAX) },
	staging        = { .id = OPTION_STAGING, .name = "staging", .meaning = "also create a second home, SLUG-staging; at a terminal, ask for its address" },
	staging_url    = { .id = OPTION_STAGING_URL, .name = "staging-url", .value = "URL", .meaning = "the address of the staging add-on, which is not that of production; implies --staging" },
	state          = { .id = OPTION_STATE, .name = "state", .value = "STATE", .meaning = "only in this state, such as provisioned" },
	to_addon       = { .id = OPTION_ADDON, .name = "addon", .value = "SLUG", .meaning = "the add-on of the resources", .is_required = true },
	to_marketplace = { .id = OPTION_MARKETPLACE, .name = "marketplace", .value = "NAME", .meaning = "the marketplace of the resources", .is_required = true },
	token_file     = { .id = OPTION_TOKEN_FILE, .name = "token-file", .value = "FILE", .meaning = "its first line is a token of your account at Heroku; - is standard input", .is_required = true },
	unanswered     = { .id = OPTION_UNANSWERED, .name = "unanswered", .value = "WHAT", .meaning = "keep or undo provisions and plan changes that have no result here", .fallback = "keep" },
	verify_limit   = { .id = OPTION_LIMIT, .name = "limit", .value = "DURATION", .meaning = "how long a response may take", .fallback = "25s", DURATION_UP_TO(MOST_ANSWER) },
	verify_plan    = { .id = OPTION_PLAN, .name = "plan", .value = "PLAN", .meaning = "a plan of the add-on; a second one is that of plan changes", .is_repeatable = true, .is_required = true },
	whose_config   = { .id = OPTION_CONFIG, .name = "config", .value = "WHOSE", .meaning = "with --repair: ours sends config vars, theirs stores them here" },
	wait           = { .id = OPTION_WAIT, .name = "wait", .value = "DURATION", .meaning = "how long provisioning may take after a 202", .fallback = "2min", DURATION_UP_TO(MOST_ANSWER) },
	within         = { .id = OPTION_SINCE, .name = "since", .value = "DURATION", .meaning = "only those within DURATION, such as 48h", DURATION_UP_TO(INT64_MAX) },
	unset          = { .id = OPTION_UNSET, .name = "unset", .value = "NAME", .meaning = "remove a config var", .is_repeatable = true },
	update         = { .id = OPTION_UPDATE, .name = "update", .meaning = "change existing resources that differ from FILE" },
	url            = { .id = OPTION_URL, .name = "url", .value = "https://HOST", .meaning = "the address at which the marketplace reaches this host" },
	version        = { .id = OPTION_VERSION, .name = "version", .value = "VERSION", .meaning = "the version of the marketplace's API, such as 1; default: the newest" },
	what           = { .id = OPTION_WHAT, .name = "what", .value = "EVENT", .meaning = "only this event, such as refused or job-put-off" },
	yes            = { .id = OPTION_YES, .name = "yes", .meaning = "do it; without this option, only explain what would be done" };
/* clang-format on */

#undef NUMBER_FROM
#undef DURATION_UP_TO

#endif
