#include "lib/provider/next_start.h"

#include <string.h>

#include "lib/addon/addons.h"
#include "lib/base/findings.h"
#include "lib/crypto/sealing_keys.h"
#include "lib/listener/listener.h"
#include "lib/provider/provider.h"
#include "lib/settings/settings.h"

static void try_keys(const char *path, struct findings *findings)
{
	sealing_keys_close(sealing_keys_open(path, findings));
}

static void try_addons(const char *folder, struct findings *findings)
{
	struct addons *addons = addons_open(folder, listener_open, NULL);

	if (addons_count_valid(addons) == 0)
		finding_error(findings,
			      "PROVISOR_ADDONS: %s has no valid add-on: name "
			      "the folder of the homes, or correct one",
			      folder);
	addons_close(addons);
}

void provider_try_next_start(const struct provider *provider,
			     struct findings *findings)
{
	const struct settings *settings = provider->settings;
	struct settings next;

	settings_read_again(settings, &next, findings);
	if (strcmp(next.keys, settings->keys) != 0)
		try_keys(next.keys, findings);
	if (strcmp(next.addons, settings->addons) != 0)
		try_addons(next.addons, findings);
}
