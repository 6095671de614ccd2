/*
 * main-hooks.c - provisor-hooks, the pool that runs hooks and libraries.
 *
 * systemd, or multiwatch in the script pool, starts it with the listening
 * socket on descriptor 0, as a user that can read neither settings nor keys.
 * Workers, provisor-jobs and the command line send it the programs to run.  For
 * a library it starts itself again.
 */
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/log.h"
#include "lib/listener/library_process.h"
#include "lib/process/call_server.h"
#include "lib/process/private.h"
#include "lib/settings/settings.h"

/* The service manager restarts the process at once: wait, to spare the CPU. */
static int refuse_to_start_hooks(void)
{
	log_error(
		"provisor-hooks cannot start; the lines above give the reason");
	sleep(1);
	return EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
	struct settings settings;

	library_process_serve(argc, argv);
	private_begin();
	if (!settings_open(&settings) || !call_server_run(STDIN_FILENO))
		return refuse_to_start_hooks();
	return EXIT_SUCCESS;
}
