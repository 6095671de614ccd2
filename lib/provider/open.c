/*
 * open.c - opens and refreshes the keys and homes that operators write.
 */
#include "lib/provider/provider.h"

#include <signal.h>
#include <stdlib.h>

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/file_notice.h"
#include "lib/base/file_watch.h"
#include "lib/base/log.h"
#include "lib/crypto/sealing_keys.h"
#include "lib/db/db.h"
#include "lib/listener/hook_run.h"
#include "lib/listener/listener.h"
#include "lib/platform/platform.h"
#include "lib/provider/unanswered.h"
#include "lib/settings/settings.h"
#include "lib/store/key_fingerprint.h"

enum {
	LOG_PAUSE = 60000,    /* ms between logs of the same findings */
	COMPARE_LIMIT = 2000, /* ms for the database */
	COMPARE_PAUSE = 10000 /* ms between the tries to compare keys */
};

static void read_addons(struct provider *provider)
{
	provider->addons = addons_open(provider->settings->addons,
				       listener_open, provider->addons);
	provider->next_homes_at = 0;
	findings_log(&provider->addons->findings);
}

/* ---- keys ---- */

/* Compare keys with those of other hosts.  Add an error to findings if another
 * host seals with another key of the same id.  If the database does not
 * respond, compare later.  provider->db stays without a connection until its
 * first use, because some callers of provider_open() fork before that. */
static void compare_keys(struct provider *provider,
			 const struct sealing_keys *keys,
			 struct findings *findings)
{
	struct db *db = db_open(provider->settings->database);
	const char *foreign = NULL;

	db_set_deadline(db, clock_now() + COMPARE_LIMIT);
	provider->keys_are_compared =
		key_fingerprint_add(db, findings->arena, keys) == OUTCOME_OK
		&& key_fingerprint_find_foreign(db, findings->arena, keys,
						&foreign)
			== OUTCOME_OK;
	provider->next_compare_at = clock_now() + COMPARE_PAUSE;
	db_close(db);
	if (foreign)
		finding_error(findings,
			      "%s: its key \"%s\" is not the key of that id "
			      "with which another host has sealed values: copy "
			      "the keys file of that host, or give the new key "
			      "another id",
			      provider->settings->keys, foreign);
}

/* The keys came into force while the database did not respond.  If they differ,
 * end this process after its request: it could not start again. */
static void compare_keys_again(struct provider *provider)
{
	struct arena *arena = arena_create();
	struct findings findings = { .arena = arena };

	compare_keys(provider, provider->keys, &findings);
	findings_log(&findings);
	if (findings.errors > 0)
		raise(SIGTERM);
	arena_destroy(arena);
}

static void read_keys(struct provider *provider)
{
	struct arena *arena = arena_create();
	struct findings findings = { .arena = arena };
	struct file_watch *watch = file_watch_open();
	struct sealing_keys *keys;

	file_watch_add(watch, provider->settings->keys);
	keys = sealing_keys_open(provider->settings->keys, &findings);
	if (findings.errors == 0)
		compare_keys(provider, keys, &findings);
	if (findings.errors == 0) {
		sealing_keys_close(provider->keys);
		provider->keys = keys;
	} else {
		sealing_keys_close(keys);
	}
	findings_log(&findings);
	arena_destroy(provider->keys_findings.arena);
	provider->keys_findings = findings;
	file_watch_close(provider->keys_watch);
	provider->keys_watch = watch;
}

bool provider_open(struct provider *provider, const struct settings *settings)
{
	*provider = (struct provider){
		.settings = settings,
		.db = db_open(settings->database),
		.findings_logged_at = clock_now(),
	};
	hook_run_use_pool(settings->hooks);
	read_keys(provider);
	read_addons(provider);
	if (addons_count_valid(provider->addons) == 0)
		log_error("%s: has no valid add-on: add a home such as "
			  "heroku/NAME, or correct one",
			  settings->addons);
	else if (provider->keys)
		return true;
	provider_close(provider);
	return false;
}

void provider_close(struct provider *provider)
{
	provider_forget_unanswered(provider);
	addons_close(provider->addons);
	sealing_keys_close(provider->keys);
	arena_destroy(provider->keys_findings.arena);
	file_watch_close(provider->keys_watch);
	file_notice_close(provider->notice);
	db_close(provider->db);
	platform_close(provider->platform);
	free(provider->resource_counts);
	if (provider->missing_homes_arena)
		arena_destroy(provider->missing_homes_arena);
}

void provider_open_platform(struct provider *provider)
{
	const struct settings *settings = provider->settings;

	if (provider->platform)
		return;
	provider->platform = platform_open(&(struct platform_config){
		.api_url = settings->platform_url,
		.token_url = settings->token_url,
		.ca_file = settings->platform_ca,
	});
}

/* ---- changed files ---- */

/* Have the next changes of keys and homes noticed.  A change since they were
 * read is not missed, because a new notice is due at once. */
static void renew_notice(struct provider *provider)
{
	file_notice_close(provider->notice);
	provider->notice = file_notice_open();
	file_watch_notify(provider->keys_watch, provider->notice);
	addons_notify(provider->addons, provider->notice);
}

/* Read what has changed.  Return true if something has. */
static bool read_changed_files(struct provider *provider)
{
	bool have_keys_changed = file_watch_has_changed(provider->keys_watch);
	bool have_addons_changed = addons_have_changed(provider->addons);

	if (have_keys_changed) {
		log_info("the keys file is read again");
		read_keys(provider);
	}
	if (have_addons_changed) {
		log_info("the add-ons' homes are read again");
		read_addons(provider);
	}
	return have_keys_changed || have_addons_changed;
}

void provider_refresh(struct provider *provider)
{
	if (!provider->notice)
		renew_notice(provider);
	if (file_notice_is_due(provider->notice)
	    && read_changed_files(provider))
		renew_notice(provider);
	if (!provider->keys_are_compared
	    && clock_now() >= provider->next_compare_at)
		compare_keys_again(provider);
}

void provider_log_findings(struct provider *provider)
{
	int64_t now = clock_now();

	if (now - provider->findings_logged_at < LOG_PAUSE)
		return;
	provider->findings_logged_at = now;
	if (provider->keys_findings.errors > 0)
		findings_log(&provider->keys_findings);
	if (provider->addons->findings.errors > 0)
		findings_log(&provider->addons->findings);
}

void provider_set_deadline(struct provider *provider, int64_t deadline)
{
	db_set_deadline(provider->db, deadline);
}

int64_t provider_database_ms(const struct provider *provider)
{
	return db_spent(provider->db);
}
