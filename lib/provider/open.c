/*
 * open.c - opens and refreshes the keys and homes that operators write.
 */
#include "lib/provider/provider.h"

#include "lib/addon/addon.h"
#include "lib/addon/addons.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/file_watch.h"
#include "lib/base/log.h"
#include "lib/crypto/sealing_keys.h"
#include "lib/db/db.h"
#include "lib/listener/listener.h"
#include "lib/platform/platform.h"
#include "lib/settings/settings.h"

enum { LOG_PAUSE = 60000 }; /* ms between logs of the same findings */

static void read_addons(struct provider *provider)
{
	provider->addons = addons_open(provider->settings->addons,
				       listener_open, provider->addons);
	findings_log(&provider->addons->findings);
}

static void read_keys(struct provider *provider)
{
	struct arena *arena = arena_create();
	struct findings findings = { .arena = arena };
	struct file_watch *watch = file_watch_create(arena);
	struct sealing_keys *keys;

	file_watch_add(watch, provider->settings->keys);
	keys = sealing_keys_open(provider->settings->keys, &findings);
	if (findings.errors == 0) {
		sealing_keys_close(provider->keys);
		provider->keys = keys;
	} else {
		sealing_keys_close(keys);
	}
	findings_log(&findings);
	arena_destroy(provider->keys_findings.arena);
	provider->keys_findings = findings;
	provider->keys_watch = watch;
}

bool provider_open(struct provider *provider, const struct settings *settings)
{
	*provider = (struct provider){
		.settings = settings,
		.db = db_open(settings->database),
		.findings_logged_at = clock_now(),
	};
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
	addons_close(provider->addons);
	sealing_keys_close(provider->keys);
	arena_destroy(provider->keys_findings.arena);
	db_close(provider->db);
	platform_close(provider->platform);
}

void provider_open_platform(struct provider *provider)
{
	const struct settings *settings = provider->settings;

	provider->platform = platform_open(&(struct platform_config){
		.api_url = settings->platform_url,
		.token_url = settings->token_url,
		.ca_file = settings->platform_ca,
	});
}

void provider_refresh(struct provider *provider)
{
	if (file_watch_has_changed(provider->keys_watch)) {
		log_info("the keys file is read again");
		read_keys(provider);
	}
	if (addons_have_changed(provider->addons)) {
		log_info("the add-ons' homes are read again");
		read_addons(provider);
	}
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
