#include "cgi/cli/init_advice.h"

#include <stdio.h>
#include <string.h>

#include "lib/base/base.h"

static void explain_settings(void)
{
	static const char *const members[][2] = {
		{ "\"plans\": {\"basic\": {\"to\": [\"premium\"]}, "
		  "\"premium\": {}}",
		  "the plans there are, and what each may change to" },
		{ "\"also_valid\": {\"passwords\": [], \"salts\": []}",
		  "secrets that are right as well, while they are rotated" },
		{ "\"dashboard\": \"https://…/${id}\"", "where sign-on leads" },
		{ "\"session\": \"8h\"", "how long a session lasts" },
		{ "\"replay_guard\": true", "a sign-on counts once" },
		{ "\"client_secret_file\": \"/…\"",
		  "the OAuth client secret, from the partner portal" },
		{ "\"provision\": \"async\"",
		  "answer 202, and provision afterwards" },
	};

	puts("\nsettings.json may hold, as members of its object:");
	for (size_t i = 0; i < COUNT(members); i++)
		printf("  %s\n      %s\n", members[i][0], members[i][1]);
}

static void explain_listener(const struct init_advice *advice)
{
	switch (advice->listener) {
	case ADDON_EXEC:
		puts("- hooks/: write what makes, changes and removes a "
		     "resource; declare each config\n  var in the manifest's "
		     "config_vars");
		printf("- provisor hook test %s provision\n", advice->home);
		break;
	case ADDON_SO:
		printf("- listener.c: write the same, then build it, or the "
		       "home is not valid:\n  cd %s && cc -Wall -Wextra -O2 "
		       "-shared -fPIC -o listener.so listener.c\n",
		       advice->home);
		printf("- provisor hook test %s provision\n", advice->home);
		break;
	default:
		puts("- template.json: write the config vars to hand out; "
		     "declare each in the\n  manifest's config_vars");
	}
}

void init_advise(const struct init_advice *advice)
{
	puts("\nNext:");
	if (advice->host)
		printf("- addon-manifest.json: put your host in place of %s\n",
		       advice->host);
	explain_listener(advice);
	if (strcmp(advice->marketplace, "heroku") == 0)
		puts("- in each home: heroku addons:admin:manifest:push");
	puts("- provisor addons list: is it still valid?  The pools take up "
	     "what is,\n  without a restart");
	explain_settings();
}
