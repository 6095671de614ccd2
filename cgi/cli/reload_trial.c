#include "cgi/cli/reload_trial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgi/cli/cli.h"
#include "cgi/cli/pools.h"
#include "lib/base/log.h"
#include "lib/process/user.h"
#include "lib/provider/provider.h"
#include "lib/provider/readiness.h"

static bool is_ready_with(const struct cli *cli,
			  const struct settings *settings, const char *setting)
{
	struct provider provider;
	struct provider_readiness readiness;

	if (!provider_open(&provider, settings)) {
		cli_fail("%s: a new process cannot start; the lines above "
			 "give the reason.  Nothing has been replaced",
			 cli->command->name);
		return false;
	}
	readiness = provider_judge_readiness(&provider, cli->arena);
	if (!readiness.is_ready)
		cli_fail("%s: a new process would not be ready (%s: %s; "
			 "addons: %s): provisor check says what to correct.  "
			 "Nothing has been replaced",
			 cli->command->name, setting, readiness.database,
			 readiness.addons);
	provider_close(&provider);
	return readiness.is_ready;
}

/* A worker can start again only if it can also read the settings file. */
static bool can_read_settings(const struct cli *cli)
{
	if (access(cli->env_file, R_OK) == 0 || errno == ENOENT)
		return true;
	cli_fail("%s: the pools' user cannot read it (%s): let its group read "
		 "it, with chgrp and chmod 640.  Nothing has been replaced",
		 cli->env_file, strerror(errno));
	return false;
}

/* Nor does a worker start that cannot open its log. */
static bool can_write_log(const struct cli *cli)
{
	const char *path = cli->settings.log;

	if (*path != '/' || log_can_open(path))
		return true;
	cli_fail("PROVISOR_LOG: the pools' user cannot append to %s (%s): let "
		 "it write there.  Nothing has been replaced",
		 path, strerror(errno));
	return false;
}

static bool would_be_ready(const struct cli *cli, uid_t user)
{
	struct settings direct = cli->settings;

	direct.database = direct.database_direct;
	if (!user_become(user)) {
		cli_fail("%s: cannot become the pools' user (%s)",
			 cli->command->name, strerror(errno));
		return false;
	}
	return can_read_settings(cli) && can_write_log(cli)
		&& is_ready_with(cli, &cli->settings, "PROVISOR_DATABASE")
		&& (direct.database == cli->settings.database
		    || is_ready_with(cli, &direct, "PROVISOR_DATABASE_DIRECT"));
}

bool reload_trial(const struct cli *cli)
{
	uid_t user = pools_user(&cli->settings);
	pid_t child;
	int status;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		bool is_ready = would_be_ready(cli, user);

		fflush(NULL);
		_exit(is_ready ? EXIT_SUCCESS : EXIT_FAILURE);
	}
	return child > 0 && waitpid(child, &status, 0) == child
		&& WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}
