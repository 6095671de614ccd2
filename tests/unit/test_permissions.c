#include "modes.h"

#include "lib/addon/permissions.h"

/* Create a home with the right modes. */
static struct addon sound_home(void)
{
	files_remove(files_path("home"));
	files_write("home/addon-manifest.json", "{}");
	files_write("home/settings.json", "{}");
	files_write("home/template.json", "{}");
	files_write("home/client-secret", "0123456789abcdef");
	return (struct addon){
		.home = files_path("home"),
		.client_secret_file = files_path("home/client-secret"),
		.listener = ADDON_TEMPLATE,
	};
}

static struct modes_row modes[] = {
	{ "a home with the right modes has no finding", "", 0700, NULL, NULL },
	{ "the group may read the manifest", "/addon-manifest.json", 0640, NULL,
	  NULL },
	{ "the group may write the manifest", "/addon-manifest.json", 0660,
	  NULL, NULL },
	{ "others should not read the manifest", "/addon-manifest.json", 0644,
	  "warning", "(mode 0644): chmod o= it" },
	{ "others should not read the settings", "/settings.json", 0604,
	  "warning", "chmod o= it" },
	{ "others must not write the manifest", "/addon-manifest.json", 0602,
	  "error", "(mode 0602): chmod o-w it" },
	{ "others must not write the settings", "/settings.json", 0602, "error",
	  "chmod o-w it" },
	{ "others should not read the client secret", "/client-secret", 0604,
	  "warning", "chmod o= it" },
	{ "others must not write the client secret", "/client-secret", 0602,
	  "error", "chmod o-w it" },
	{ "others may read the template", "/template.json", 0644, NULL, NULL },
	{ "others must not write the template", "/template.json", 0666, "error",
	  "chmod o-w it" },
	{ "the group may write a home that has a template", "", 0770, NULL,
	  NULL },
	{ "others must not write a home that has a template", "", 0702, "error",
	  "chmod o-w it" },
};

static void check_permissions(struct addon *addon)
{
	permissions_check(addon, &findings);
}

static void mode_is_as_expected(void **state)
{
	struct addon addon = sound_home();

	modes_check(*state, &addon, check_permissions);
}

static void a_file_that_is_missing_is_passed_over(void)
{
	struct addon addon = { .home = files_path("nowhere"),
			       .listener = ADDON_TEMPLATE };

	permissions_check(&addon, &findings);
	assert_string_equal(unit_findings(), "");
}

static struct unit_check checks[] = {
	{ "a file that is missing is skipped",
	  a_file_that_is_missing_is_passed_over },
};

int main(void)
{
	UNIT_ROWS(modes, mode_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("home_check");
}
