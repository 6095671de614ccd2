#include "cgi/cli/check_next.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgi/cli/check.h"
#include "cgi/cli/cli.h"
#include "cgi/cli/pool_systemd.h"
#include "lib/text/json.h"

void check_next_note(struct check *check, enum check_step step)
{
	check->is_step_missing[step] = true;
}

/* make run and tests have settings files of their own, and need no such step.
 */
static bool is_installed_host(const struct cli *cli)
{
	return strcmp(cli->env_file, CLI_ENV_FILE) == 0
		&& access(cli->env_file, F_OK) == 0;
}

static const char enable_site[] =
	"write the name of the host and the paths of its certificate into "
	"/etc/nginx/sites-available/provisor, and then: ln -sf "
	"../sites-available/provisor /etc/nginx/sites-enabled/ && nginx -t && "
	"nginx -s reload";

static const char *command_of(enum check_step step)
{
	/* clang-format off */
	static const char *const commands[] = {
		[CHECK_STEP_DATABASE] = "provisor-create-database",
		[CHECK_STEP_MIGRATE] = "provisor --env /etc/provisor/owner.env migrate",
		[CHECK_STEP_HOME] = "provisor init heroku SLUG --url https://HOST",
		[CHECK_STEP_START] = "systemctl enable --now provisor-hooks provisor@api provisor@web provisor-jobs",
		[CHECK_STEP_SITE] = enable_site,
		[CHECK_STEP_RELOAD] = "provisor reload",
		[CHECK_STEP_RESTART_HOOKS] = "provisor restart hooks",
	};
	/* clang-format on */

	if (step == CHECK_STEP_START && !pool_systemd_is_running())
		return "provisor start && update-rc.d provisor enable";
	return commands[step];
}

static const char *find_next_command(const struct check *check)
{
	for (enum check_step step = 0; step < CHECK_STEPS; step++)
		if (check->is_step_missing[step])
			return command_of(step);
	return NULL;
}

static void print_next_object(struct arena *arena, const char *command)
{
	struct json *object = json_object(arena);

	json_put_text(object, "verdict", "next");
	json_put_text(object, "place", "");
	json_put_text(object, "text", command);
	puts(json_print_for_terminal(arena, object));
}

void check_next_print(const struct check *check)
{
	const char *command = find_next_command(check);

	if (!command || !is_installed_host(check->cli))
		return;
	if (cli_has(check->cli, OPTION_JSON))
		print_next_object(check->arena, command);
	else
		printf("%-8s %s\n", "next", command);
}
